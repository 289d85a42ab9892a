/* Policies from text, and what a configuration must have. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

static const struct {
    const char *word;
    IkeCipher cipher;
} ciphers[] = {
    {"aes128", {IKE_ENCR_AES_CBC, 128}},
    {"aes256", {IKE_ENCR_AES_CBC, 256}},
    {"aes128gcm16", {IKE_ENCR_AES_GCM_16, 128}},
    {"aes256gcm16", {IKE_ENCR_AES_GCM_16, 256}},
};

static const struct {
    const char *word, *prf_word;
    uint16_t integ, prf;
} hashes[] = {
    {"sha1", "prfsha1", IKE_INTEG_HMAC_SHA1_96, IKE_PRF_HMAC_SHA1},
    {"sha256", "prfsha256", IKE_INTEG_HMAC_SHA2_256_128, IKE_PRF_HMAC_SHA2_256},
    {"sha384", "prfsha384", IKE_INTEG_HMAC_SHA2_384_192, IKE_PRF_HMAC_SHA2_384},
    {"sha512", "prfsha512", IKE_INTEG_HMAC_SHA2_512_256, IKE_PRF_HMAC_SHA2_512},
};

static bool
add_id(uint16_t *list, size_t *count, uint16_t id)
{
    if (*count == IKE_POLICY_MAX)
        return false;
    list[(*count)++] = id;
    return true;
}

static bool
add_cipher(IkePolicy *p, const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(ciphers); i++)
        if (strcmp(word, ciphers[i].word) == 0 &&
            p->cipher_count < IKE_POLICY_MAX) {
            p->ciphers[p->cipher_count++] = ciphers[i].cipher;
            return true;
        }
    return false;
}

static bool
add_hash(IkePolicy *p, const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (strcmp(word, hashes[i].word) == 0)
            return add_id(p->integs, &p->integ_count, hashes[i].integ);
        if (strcmp(word, hashes[i].prf_word) == 0)
            return add_id(p->prfs, &p->prf_count, hashes[i].prf);
    }
    return false;
}

static bool
add_esp_word(IkePolicy *p, const char *word)
{
    if (strcmp(word, "esn") == 0)
        p->esn = true;
    else if (strcmp(word, "noesn") == 0)
        p->no_esn = true;
    else if (strcmp(word, "nopfs") == 0)
        return add_id(p->groups, &p->group_count, IKE_DH_NONE);
    else
        return false;
    return true;
}

static bool
add_word(IkePolicy *p, IkeProtocol protocol, const char *word)
{
    uint16_t group;

    /* strongSwan's name for it */
    if (strcmp(word, "curve25519") == 0)
        word = "x25519";
    if (crypto_dh_from_name(word, &group))
        return add_id(p->groups, &p->group_count, group);
    return add_cipher(p, word) || add_hash(p, word) ||
           (protocol == IKE_PROTOCOL_ESP && add_esp_word(p, word));
}

static void
add_prfs(IkePolicy *p)
{
    for (size_t i = 0; i < p->integ_count; i++)
        for (unsigned k = 0; k < G_N_ELEMENTS(hashes); k++)
            if (hashes[k].integ == p->integs[i])
                add_id(p->prfs, &p->prf_count, hashes[k].prf);
}

bool
ike_policy_parse(const char *text, IkeProtocol protocol, IkePolicy *ret_policy,
                 char **ret_why)
{
    g_auto(GStrv) words = g_strsplit_set(text, "-, ", -1);
    IkePolicy p = {0};
    const char *why;

    for (unsigned i = 0; words[i] != NULL; i++)
        if (*words[i] != '\0' && !add_word(&p, protocol, words[i])) {
            *ret_why = g_strdup_printf("%s: no such algorithm", words[i]);
            return false;
        }
    if (protocol == IKE_PROTOCOL_IKE && p.prf_count == 0)
        add_prfs(&p);
    if (!ike_policy_check(&p, protocol, &why)) {
        *ret_why = g_strdup(why);
        return false;
    }
    *ret_policy = p;
    return true;
}

const char *
ike_config_fault(const IkeConfig *c)
{
    const char *why;

    if (!hs_addr_is_set(&c->local))
        return "no local address";
    if (c->psk == NULL || *c->psk == '\0')
        return "no pre-shared key";
    if (!ike_policy_check(&c->ike_policy, IKE_PROTOCOL_IKE, &why))
        return why;
    if (!ike_policy_check(&c->child_policy, IKE_PROTOCOL_ESP, &why))
        return why;
    if (c->retransmit.first <= 0 || c->retransmit.factor < 1000 ||
        c->dpd_retransmit.first <= 0 || c->dpd_retransmit.factor < 1000)
        return "retransmission that does not wait";
    if (c->dpd != IKE_DPD_OFF && c->dpd_delay <= 0)
        return "DPD without a delay";
    if (c->half_open <= 0)
        return "no time for a half-open SA";
    if (c->fragment_size != 0 && c->fragment_size < 576)
        return "fragments below 576 octets";
    return NULL;
}
