#include "config.h"

#include "sim/commands.h"

#include "sim/cli.h"
#include "sim/scenario/complaint.h"

static const HsCommand commands[] = {
    {"run", hs_cmd_run, "simulate, print the verdict, write result and capture",
     "--set \"fault cut.action=link-down\" scenarios/dx-cut.ini"},
    {"check", hs_cmd_check, "run many scenarios and hold their expectations",
     "check scenarios/*.ini"},
    {"compare", hs_cmd_compare,
     "measure designs side by side against requirements",
     "compare --p99 20ms scenarios/options/*.ini"},
    {"survive", hs_cmd_survive,
     "fail every element in turn: what is redundant, what is not",
     "survive --expect-survives scenarios/dx-cut.ini"},
    {"explain", hs_cmd_explain,
     "print every value and its origin; --routes: every route and why",
     "explain --routes --at 70s scenarios/dx-cut.ini"},
    {"init", hs_cmd_init, "write a starter scenario, from options or questions",
     "init --design dual-dx --bfd no plan"},
    {"live", hs_cmd_live,
     "run in real time, with real hosts and routers by TUN devices",
     "live --control /tmp/live scenarios/live-gateway.ini"},
    {"report", hs_cmd_report,
     "render the report of a result again, or compare several",
     "report --output failover.html out/dx-cut"},
    {"wireshark", hs_cmd_wireshark, "print the command that opens a capture",
     "wireshark out/dx-cut"},
    {"dissect", hs_cmd_dissect,
     "print the BGP, BFD, IKEv2 and ESP of any capture",
     "dissect --only bgp,bfd out/dx-cut/capture.pcapng"},
    {"completion", hs_cmd_completion,
     "print a shell's completion: bash, zsh or fish",
     "completion fish >~/.config/fish/completions/hybridsim.fish"},
};

unsigned
hs_command_count(void)
{
    return G_N_ELEMENTS(commands);
}

const HsCommand *
hs_command(unsigned index)
{
    return &commands[index];
}

const HsCommand *
hs_command_find(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(name, commands[i].name))
            return &commands[i];
    return NULL;
}

void
hs_commands_help(GString *text)
{
    g_string_append(
        text,
        "usage: hybridsim [COMMAND] [OPTION]... FILE...\n"
        "Simulates a hybrid cloud network with real BGP, BFD, IKEv2, ESP and "
        "TCP, cuts\nwhat the scenario says, and measures how long the "
        "database was gone and why.\n\n"
        "commands (\"run\" may be left out; hybridsim COMMAND --help has its "
        "options):\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        g_string_append_printf(text, "  %-10s %s\n", commands[i].name,
                               commands[i].summary);
    g_string_append(
        text,
        "\nmost used: --set GROUP.KEY=VALUE (what if?), --seed N, --out DIR, "
        "--json,\n  --quiet, --repeat N (so many draws: the distribution), "
        "--help, --version\n"
        "example: hybridsim scenarios/dx-cut.ini\n"
        "exit status: 0 all expectations hold, 1 one does not, 2 usage or "
        "scenario\n  error, 3 internal error, 4 nothing was checked, 130 "
        "interrupted\n"
        "manual: hybridsim(1), hybridsim-scenario(5), scenarios/README.md\n");
}

void
hs_commands_suggest(GString *text, const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        g_ptr_array_add(names, (void *)(uintptr_t)commands[i].name);
    hs_suggest(text, word, names);
}
