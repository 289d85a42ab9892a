/* A scenario that the tests of sim/scenario start from. */

#ifndef HS_TESTS_HARNESS_SCENARIO_TEXT_H
#define HS_TESTS_HARNESS_SCENARIO_TEXT_H

/* A complete file in as few lines as there can be. Line numbers matter. */
static const char good_scenario[] = "[scenario]\n"             /* 1 */
                                    "title = A cut\n"          /* 2 */
                                    "[onprem dc]\n"            /* 3 */
                                    "asn = 65001\n"            /* 4 */
                                    "prefix = 172.16.0.0/24\n" /* 5 */
                                    "[vpc app]\n"              /* 6 */
                                    "cidr = 10.0.0.0/16\n"     /* 7 */
                                    "[gateway vgw]\n"          /* 8 */
                                    "attach = app\n"           /* 9 */
                                    "[dx primary]\n"           /* 10 */
                                    "between = dc, vgw\n"      /* 11 */
                                    "bfd = 300ms x 3\n"        /* 12 */
                                    "[vpn backup]\n"           /* 13 */
                                    "between = vgw, dc\n"      /* 14 */
                                    "[database orders]\n"      /* 15 */
                                    "client = app\n"           /* 16 */
                                    "server = dc\n"            /* 17 */
                                    "rate = 500/s\n"           /* 18 */
                                    "[fault cut]\n"            /* 19 */
                                    "target = primary\n"       /* 20 */
                                    "action = blackhole\n"     /* 21 */
                                    "at = 60s..90s\n"          /* 22 */
                                    "for = 120s\n"             /* 23 */
                                    "[expect]\n"               /* 24 */
                                    "failover.max = 2s\n";     /* 25 */

#endif
