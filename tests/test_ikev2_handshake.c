/* IKE_SA_INIT and IKE_AUTH between two sessions: RFC 7296 1.2, 2.6, 2.7, 2.15,
 * 2.21.1, 2.21.2, 2.23. */

#include "config.h"

#include "tests/harness/ike_pair.h"
#include "tests/harness/run.h"

#include <string.h>

static IkePolicy
policy(const char *text, IkeProtocol protocol)
{
    IkePolicy p;
    char *why = NULL;

    ck_assert_msg(ike_policy_parse(text, protocol, &p, &why), "%s", why);
    return p;
}

START_TEST(two_messages_each_and_both_have_a_tunnel)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_SA_INIT, false), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_SA_INIT, true), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_AUTH, false), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_AUTH, true), 1);
    ck_assert_uint_eq(p.sent->len, 4);
    ck_assert_int_eq(p.now, HS_MSEC(40)); /* two round trips */
    ck_assert_int_eq(ike_pair_last_state(&p, 0)->to, IKE_STATE_ESTABLISHED);
    ck_assert_int_eq(ike_pair_last_state(&p, 1)->cause,
                     IKE_CAUSE_AUTHENTICATED);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("ikev2 handshake");
    TCase *t = tcase_create("good");

    tcase_add_test(t, two_messages_each_and_both_have_a_tunnel);
    suite_add_tcase(s, t);
    (void)policy;
    return run_suite(s);
}
