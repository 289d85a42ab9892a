#include "config.h"

#include "sim/explain_routes.h"

#include "sim/routes/routes.h"
#include "sim/scenario/quantity.h"

#include <stdio.h>

static bool
read_instant(const HsScenario *scenario, const char *text, HsTime *ret_at)
{
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    g_autoptr(GString) problem = g_string_new(NULL);

    *ret_at = settings->warmup;
    if (text == NULL)
        return true;
    if (!hs_quantity_read(HS_QUANTITY_DURATION, text, ret_at, problem)) {
        hs_cli_error("explain: --at %s: %s", text, problem->str);
        return false;
    }
    if (*ret_at > settings->duration) {
        hs_cli_error("explain: --at %s: the run is over before that", text);
        return false;
    }
    return true;
}

/* An address; of a prefix the first that a host has. */
static bool
read_place(const HsWorld *world, const char *option, const char *text,
           HsAddr *ret_address)
{
    HsPrefix prefix;
    HsWorldFar router;
    unsigned host;

    if (hs_addr_parse(text, ret_address))
        return true;
    if (!hs_prefix_parse(text, &prefix)) {
        hs_cli_error("explain: %s %s: expected an address or a prefix", option,
                     text);
        return false;
    }
    prefix = hs_prefix_masked(&prefix);
    for (uint32_t i = 1; i < 16; i++) {
        *ret_address = hs_prefix_host(&prefix, i);
        if (hs_prefix_contains(&prefix, ret_address) &&
            hs_world_host_at(world, ret_address, &host, &router))
            return true;
    }
    *ret_address = hs_prefix_host(&prefix, 1);
    return true;
}

static bool
same_host(const HsWorld *world, const HsAddr *a, const HsAddr *b)
{
    HsWorldFar router;
    unsigned x, y;

    return hs_world_host_at(world, a, &x, &router) &&
           hs_world_host_at(world, b, &y, &router) && x == y;
}

/* What was not said is an end of the database: the client, or the server if
 * the other place is the client's. */
static bool
choose_ends(const HsScenario *scenario, const HsWorld *world,
            const HsExplainRoutes *options, HsAddr *ret_from, HsAddr *ret_to)
{
    const HsDatabase *database = hs_scenario_database(scenario, 0);
    HsAddr *ends[2] = {ret_from, ret_to};
    const char *words[2] = {options->from, options->to};
    static const char *const names[2] = {"--from", "--to"};

    for (unsigned i = 0; i < 2; i++) {
        if (words[i] != NULL && !read_place(world, names[i], words[i], ends[i]))
            return false;
        if (words[i] == NULL && database == NULL) {
            hs_cli_error("explain: no [database] says which way to follow; "
                         "give --from and --to");
            return false;
        }
    }
    if (options->from == NULL)
        *ret_from = database->client_address;
    if (options->to == NULL)
        *ret_to = database->server_address;
    if (!same_host(world, ret_from, ret_to) || database == NULL)
        return true;
    if (options->from == NULL)
        *ret_from = database->server_address;
    else if (options->to == NULL)
        *ret_to = database->client_address;
    return true;
}

static HsExit
print(const HsScenario *scenario, const HsWorld *world, HsTime at,
      const HsExplainRoutes *options)
{
    g_autoptr(HsRoutes) routes = hs_routes_new(world, at);
    g_autoptr(GString) text = g_string_new(NULL);
    bool asked = options->from != NULL || options->to != NULL;
    char buffer[HS_ADDR_TEXT];
    const HsAddr *lost;
    HsAddr from, to;

    if (asked || hs_scenario_database(scenario, 0) != NULL) {
        if (!choose_ends(scenario, world, options, &from, &to))
            return HS_EXIT_USAGE;
        if (!hs_routes_add_pair(routes, world, &from, &to, &lost)) {
            hs_cli_error("explain: no host of the scenario has %s",
                         hs_addr_format(lost, buffer));
            return HS_EXIT_USAGE;
        }
    }
    if (options->json)
        hs_routes_json(routes, hs_scenario_name(scenario), text);
    else
        hs_routes_text(routes, text);
    if (!hs_cli_quiet())
        fputs(text->str, stdout);
    return HS_EXIT_OK;
}

HsExit
hs_explain_routes(const HsScenario *scenario, const HsExplainRoutes *options)
{
    g_autoptr(HsWorld) world = NULL;
    HsTime at;

    if (!read_instant(scenario, options->at, &at))
        return HS_EXIT_USAGE;
    world = hs_world_new(scenario, &(HsWorldOptions){0});
    hs_world_run_to(world, at);
    return print(scenario, world, at, options);
}
