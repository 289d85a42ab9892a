/* Identities (RFC 7296 3.5): the text of a configuration as type and bytes.
 *
 *     192.0.2.1, 2001:db8::1   ID_IPV4_ADDR, ID_IPV6_ADDR
 *     me@example.net           ID_RFC822_ADDR
 *     keyid:anything           ID_KEY_ID
 *     gw.example.net           ID_FQDN */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

void
ike_identity_clear(IkeIdentity *id)
{
    g_clear_pointer(&id->data, g_bytes_unref);
}

static void
of_address(IkeIdentity *id, const HsAddr *address)
{
    id->type =
        address->family == HS_FAMILY_IPV6 ? IKE_ID_IPV6_ADDR : IKE_ID_IPV4_ADDR;
    id->data = g_bytes_new(address->bytes, hs_addr_bits(address) / 8);
}

void
ike_identity_of(IkeIdentity *ret_id, const char *text, const HsAddr *address)
{
    HsAddr parsed;

    if (text == NULL) {
        of_address(ret_id, address);
        return;
    }
    if (hs_addr_parse(text, &parsed)) {
        of_address(ret_id, &parsed);
        return;
    }
    if (g_str_has_prefix(text, "keyid:")) {
        ret_id->type = IKE_ID_KEY_ID;
        text += strlen("keyid:");
    } else
        ret_id->type =
            strchr(text, '@') != NULL ? IKE_ID_RFC822_ADDR : IKE_ID_FQDN;
    ret_id->data = g_bytes_new(text, strlen(text));
}

bool
ike_identity_is(const IkeIdentity *id, const IkeId *payload)
{
    return id->type == payload->type &&
           ike_bytes_equal(ike_bytes_of(id->data), payload->data);
}
