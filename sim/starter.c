/* The text is written group by group. What is expected follows from the timers
 * that the choices leave: BFD of 300 ms times 3 notices after 0.6 to 0.9 s;
 * BGP's hold time on Direct Connect, 90 s with a keepalive every 30 s, after 60
 * to 90 s; that in a tunnel, 30 s with one every 10 s, after 20 to 30 s. A test
 * runs every design that can be written here. */

#include "config.h"

#include "sim/starter.h"

const HsStarterDesign hs_starter_designs[] = {
    {"dx-vpn", "Direct Connect, and a VPN over the internet as backup"},
    {"dual-dx", "two Direct Connect connections at two locations"},
    {"vpn", "a VPN with its two tunnels"},
    {"tgw", "a transit gateway with Direct Connect and a VPN as backup"},
    {NULL, NULL},
};

bool
hs_starter_is_design(const char *name)
{
    for (const HsStarterDesign *d = hs_starter_designs; d->name != NULL; d++)
        if (g_str_equal(d->name, name))
            return true;
    return false;
}

typedef enum { DX_VPN, DUAL_DX, VPN, TGW } Design;

static Design
design_of(const HsStarter *s)
{
    unsigned i = 0;

    while (!g_str_equal(hs_starter_designs[i].name, s->design))
        i++;
    return (Design)i;
}

/* What notices the failure. */
typedef enum { BY_BFD, BY_HOLD, BY_TUNNEL } Detection;

static Detection
detection_of(const HsStarter *s)
{
    if (design_of(s) == VPN)
        return BY_TUNNEL;
    return s->bfd ? BY_BFD : BY_HOLD;
}

static void
write_head(const HsStarter *s, GString *text)
{
    static const char *const why[] = {
        [BY_BFD] = ("# BFD every 300 ms with a multiplier of 3 notices within "
                    "0.6 to 0.9 s; routes, tables and\n# TCP's next "
                    "retransmission come on top.\n"),
        [BY_HOLD] = ("# Without BFD nobody notices before BGP's hold time of "
                     "90 s runs out, 60 to 90 s after the\n# failure. Try "
                     "\"--set 'dx primary.bfd=300ms x 3'\".\n"),
        [BY_TUNNEL] = ("# There is no BFD in AWS's tunnels: BGP's hold time of "
                       "30 s notices after 20 to 30 s.\n")};

    g_string_append_printf(
        text,
        "# Written by hybridsim init --design %s. Change what is yours, and "
        "run it:\n#\n"
        "#   hybridsim FILE               how long is the database gone, and "
        "why?\n"
        "#   hybridsim explain FILE       every value, and where it comes "
        "from\n"
        "#   hybridsim survive FILE       every element down in turn\n#\n"
        "%s# hybridsim-scenario(5) has every key.\n\n"
        "[scenario]\ntitle = %s\nduration = %s\n\n",
        s->design, why[detection_of(s)], s->title,
        detection_of(s) == BY_BFD ? "240s" : "480s");
}

static void
write_ends(const HsStarter *s, GString *text)
{
    g_string_append_printf(
        text,
        "# Your site: a customer gateway and the LAN behind it.\n"
        "[onprem dc]\nasn = 65001\nprefix = %s\n\n"
        "[vpc app]\ncidr = %s\n\n",
        s->onprem, s->vpc);
    if (design_of(s) == TGW)
        g_string_append_printf(
            text,
            "[gateway tgw]\ntype = tgw\nasn = 64513\nattach = app\n\n"
            "# Direct Connect reaches a transit gateway by way of one of "
            "these.\n"
            "[dxgw dxgw]\nasn = 64512\n\n"
            "[association tgw-dxgw]\nbetween = dxgw, tgw\n"
            "allowed-prefixes = %s\n\n",
            s->vpc);
    else
        g_string_append(text, "[gateway vgw]\ntype = vgw\nasn = 64512\n"
                              "attach = app\n\n");
}

static void
write_dx(const HsStarter *s, const char *name, const char *more, GString *text)
{
    g_string_append_printf(
        text,
        "[dx %s]\nbetween = dc, %s\n%srate = %s\n# One way, between your "
        "router and AWS's.\ndelay = 2ms\nbfd = %s\n%s\n",
        name, design_of(s) == TGW ? "dxgw" : "vgw",
        design_of(s) == TGW ? "vif = transit\n" : "", s->rate,
        s->bfd ? "300ms x 3" : "off", more);
}

static void
write_paths(const HsStarter *s, GString *text)
{
    switch (design_of(s)) {
    case DUAL_DX:
        write_dx(s, "primary", "location = first\ndevice = first-a\n", text);
        g_string_append(text,
                        "# The other location is used when the first is lost: "
                        "the site prefers the first, and\n# AWS sees a longer "
                        "AS path here.\n");
        write_dx(s, "secondary",
                 "location = second\ndevice = second-a\n"
                 "local-preference = 150\nprepend = 1\n",
                 text);
        return;
    case DX_VPN:
    case TGW:
        write_dx(s, "primary", "", text);
        break;
    case VPN:
        break;
    }
    g_string_append_printf(
        text,
        "# Two tunnels to two AWS endpoints, over the internet.\n"
        "[vpn %s]\nbetween = dc, %s\n\n"
        "[internet]\ndelay = 8ms\njitter = exponential 1ms\n\n",
        design_of(s) == VPN ? "main" : "backup",
        design_of(s) == TGW ? "tgw" : "vgw");
}

static void
write_load(const HsStarter *s, GString *text)
{
    g_string_append_printf(
        text,
        "# What the failover is felt by: a client that keeps its connection, "
        "and a pool.\n"
        "[database orders]\nclient = app\nserver = dc\nrate = %s\n\n"
        "# What the network lost, by itself.\n"
        "[probe]\ninterval = 20ms\n\n"
        "# The capture takes much room; yes writes it.\n"
        "[capture]\nfile = no\n\n",
        s->requests);
}

static void
write_fault(const HsStarter *s, GString *text)
{
    static const char *const target[] = {[DX_VPN] = "primary",
                                         [DUAL_DX] = "primary",
                                         [VPN] = "main.tunnel1",
                                         [TGW] = "primary"};

    g_string_append_printf(
        text,
        "# Packets vanish and no port goes dark: what a fibre cut behind a "
        "carrier's switch looks\n# like. The instant is drawn by the seed.\n"
        "[fault cut]\ntarget = %s\naction = blackhole\nat = 60s..90s\n"
        "for = %s\n\n",
        target[design_of(s)], detection_of(s) == BY_BFD ? "90s" : "240s");
}

static void
write_expectations(const HsStarter *s, GString *text)
{
    static const char *const limits[] = {
        [BY_BFD] = "detect.min = 590ms\ndetect.max = 910ms\n"
                   "dataplane.max = 1.3s\nfailover.pool.max = 3s\n"
                   "failover.persistent.max = 3s\n",
        [BY_HOLD] = "detect.min = 59s\ndetect.max = 91s\n"
                    "dataplane.max = 92s\nfailover.pool.max = 97s\n"
                    "failover.persistent.max = 150s\n",
        [BY_TUNNEL] = "detect.min = 19s\ndetect.max = 31s\n"
                      "dataplane.max = 32s\nfailover.pool.max = 38s\n"
                      "failover.persistent.max = 64s\n"};

    g_string_append_printf(text, "# hybridsim check holds these.\n[expect]\n%s",
                           limits[detection_of(s)]);
    if (design_of(s) != DUAL_DX)
        g_string_append(text, "# On the internet not one byte of the "
                              "database may be in clear.\n"
                              "plaintext.internet.bytes.max = 0\n");
}

void
hs_starter_write(const HsStarter *starter, GString *text)
{
    write_head(starter, text);
    write_ends(starter, text);
    write_paths(starter, text);
    write_load(starter, text);
    write_fault(starter, text);
    write_expectations(starter, text);
}
