/* Presets: whose timing and habits a session has.
 *
 * What AWS, strongSwan and Cisco publish is taken from their documents; what
 * they do not is named here as assumed, and is a field of IkeConfig, so that a
 * scenario can say otherwise. A lifetime here is the hard one, at which the SA
 * goes. charon counts the other way round (the rekey time is the setting, and
 * the hard end stands a tenth behind it), which gives the numbers below: rekey
 * at 4 h is a life of 4.4 h with a margin of 24 min. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

/* AWS has its own list, see ike_policy_aws(). */
static const struct {
    const char *name;
    const char *ike, *child;
} presets[] = {
    [IKE_PRESET_AWS] = {"aws", NULL, NULL},
    [IKE_PRESET_STRONGSWAN] = {"strongswan",
                               "aes128-aes256-sha256-sha384-ecp256-ecp384-"
                               "x25519-modp2048-modp3072",
                               "aes128gcm16-aes256gcm16-aes128-aes256-sha256-"
                               "sha1-ecp256-nopfs"},
    [IKE_PRESET_CISCO] = {"cisco", "aes256-sha256-modp2048-ecp256",
                          "aes256-sha256-modp2048"},
};

const char *
ike_preset_name(IkePreset preset)
{
    g_assert((unsigned)preset < G_N_ELEMENTS(presets));
    return presets[preset].name;
}

bool
ike_preset_parse(const char *text, IkePreset *ret_preset)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(presets); i++)
        if (strcmp(text, presets[i].name) == 0) {
            *ret_preset = (IkePreset)i;
            return true;
        }
    return false;
}

static void
as_aws(IkeConfig *c)
{
    ike_policy_aws(&c->ike_policy, false);
    ike_policy_aws(&c->child_policy, true);
    c->dpd = IKE_DPD_NAT_PERIODIC;
    c->dpd_delay = HS_SEC(10);
    c->dpd_retransmit =
        (IkeRetransmit){.first = HS_SEC(10), .factor = 1000, .tries = 2};
    c->ike_lifetime = HS_SEC(28800);
    c->child_lifetime = HS_SEC(3600);
    c->ike_margin = c->child_margin = HS_SEC(270);
    c->rekey_rule = IKE_REKEY_WINDOW;
    c->max_children = 1;
    c->retry = HS_SEC(10); /* assumed */
}

static void
set_policies(IkeConfig *c, IkePreset preset)
{
    char *why = NULL;

    if (!ike_policy_parse(presets[preset].ike, IKE_PROTOCOL_IKE, &c->ike_policy,
                          &why) ||
        !ike_policy_parse(presets[preset].child, IKE_PROTOCOL_ESP,
                          &c->child_policy, &why))
        g_error("preset %s: %s", presets[preset].name, why);
}

static void
as_strongswan(IkeConfig *c)
{
    set_policies(c, IKE_PRESET_STRONGSWAN);
    c->dpd = IKE_DPD_OFF;
    c->dpd_delay = HS_SEC(30);
    c->ike_lifetime = HS_SEC(15840);
    c->ike_margin = HS_SEC(1440);
    c->child_lifetime = HS_SEC(3960);
    c->child_margin = HS_SEC(360);
    c->rekey_rule = IKE_REKEY_MARGIN;
    c->float_always = true; /* MOBIKE is on by default */
    c->retry = HS_SEC(1);
}

static void
as_cisco(IkeConfig *c)
{
    set_policies(c, IKE_PRESET_CISCO);
    c->dpd = IKE_DPD_ON_DEMAND;
    c->dpd_delay = HS_SEC(10);
    c->dpd_retransmit =
        (IkeRetransmit){.first = HS_SEC(3), .factor = 1000, .tries = 4};
    c->retransmit = (IkeRetransmit){
        .first = HS_SEC(2), .factor = 2000, .limit = HS_SEC(60), .tries = 5};
    c->ike_lifetime = HS_SEC(86400);
    c->child_lifetime = HS_SEC(3600);
    c->ike_margin = c->child_margin = HS_SEC(60); /* assumed */
    c->rekey_fuzz = 0;
    c->rekey_rule = IKE_REKEY_MARGIN;
    c->retry = HS_SEC(10); /* assumed */
}

void
ike_config_init(IkeConfig *config, IkePreset preset)
{
    /* charon's retransmission stands for whoever publishes none */
    static const IkeRetransmit charon = {
        .first = HS_SEC(4), .factor = 1800, .tries = 5};

    *config = (IkeConfig){
        .dpd_action = IKE_ACTION_CLEAR,
        .retransmit = charon,
        .dpd_retransmit = charon,
        .rekey_fuzz = 100,
        .linger = HS_SEC(5),
        .half_open = HS_SEC(30),
        .cookie_threshold = 10,
        .nat_keepalive = HS_SEC(20), /* RFC 3948 4 */
        .max_children = 4,
    };
    switch (preset) {
    case IKE_PRESET_AWS:
        as_aws(config);
        return;
    case IKE_PRESET_STRONGSWAN:
        as_strongswan(config);
        return;
    case IKE_PRESET_CISCO:
        as_cisco(config);
        return;
    }
    g_assert_not_reached();
}
