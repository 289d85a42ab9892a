/* hybridsim init: writes a starter scenario, from options or from a few
 * questions. It is read back before it is written, so what is wrong with a
 * choice is said as of any scenario, and nothing is written. */

#include "config.h"

#include "sim/cli.h"
#include "sim/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *design, *bfd, *rate, *onprem, *vpc, *requests, *output; /* owned */
    gboolean force, json;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->design);
    g_free(options->bfd);
    g_free(options->rate);
    g_free(options->onprem);
    g_free(options->vpc);
    g_free(options->requests);
    g_free(options->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* The answer to one question, or what stands in brackets. Questions go to
 * standard error, because the scenario may go to standard output. */
static void
ask(char **value, const char *question, const char *fallback)
{
    char line[200];

    if (*value != NULL)
        return;
    fprintf(stderr, "%s [%s] ", question, fallback);
    if (fgets(line, sizeof line, stdin) == NULL)
        line[0] = '\0';
    g_strstrip(line);
    *value = g_strdup(line[0] != '\0' ? line : fallback);
}

static void
ask_all(Options *options)
{
    for (const HsStarterDesign *d = hs_starter_designs; d->name != NULL; d++)
        fprintf(stderr, "  %-8s %s\n", d->name, d->what);
    ask(&options->design, "Which design?", "dx-vpn");
    if (!g_str_equal(options->design, "vpn")) {
        ask(&options->bfd, "BFD on Direct Connect (yes or no)?", "yes");
        ask(&options->rate, "Its rate?", "1Gbps");
    }
    ask(&options->onprem, "The network of your site?", "172.16.0.0/24");
    ask(&options->vpc, "The network of the VPC?", "10.0.0.0/16");
}

static void
fall_back(char **value, const char *fallback)
{
    if (*value == NULL)
        *value = g_strdup(fallback);
}

static bool
is_usable(const Options *options)
{
    if (!hs_starter_is_design(options->design)) {
        hs_cli_error("--design %s: expected dx-vpn, dual-dx, vpn or tgw",
                     options->design);
        return false;
    }
    if (!g_str_equal(options->bfd, "yes") && !g_str_equal(options->bfd, "no")) {
        hs_cli_error("--bfd %s: expected yes or no", options->bfd);
        return false;
    }
    return true;
}

/* As its reader would see it. */
static bool
is_a_scenario(const char *path, const GString *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario =
        hs_scenario_load_data(path, text->str, text->len, NULL, &error);

    if (scenario == NULL)
        fprintf(stderr, "%s\n", error->message);
    return scenario != NULL;
}

static int
write_file(const char *path, const GString *text, bool force)
{
    g_autoptr(GError) error = NULL;
    int fd;

    if (force) {
        if (g_file_set_contents(path, text->str, (gssize)text->len, &error))
            return HS_EXIT_OK;
        hs_cli_error("%s", error->message);
        return HS_EXIT_INTERNAL;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        hs_cli_error("%s: %s%s", path, g_strerror(errno),
                     errno == EEXIST ? "; --force writes over it" : "");
        return errno == EEXIST ? HS_EXIT_USAGE : HS_EXIT_INTERNAL;
    }
    if (write(fd, text->str, text->len) != (ssize_t)text->len) {
        hs_cli_error("%s: %s", path, g_strerror(errno != 0 ? errno : EIO));
        close(fd);
        unlink(path);
        return HS_EXIT_INTERNAL;
    }
    close(fd);
    return HS_EXIT_OK;
}

static void
tell(const Options *options, const char *path)
{
    if (hs_cli_quiet())
        return;
    if (options->json) {
        json_t *object =
            json_pack("{s:s, s:i, s:s, s:s, s:b}", "format", "hybridsim-init",
                      "version", 1, "file", path, "design", options->design,
                      "bfd", g_str_equal(options->bfd, "yes"));
        char *text = json_dumps(object, JSON_INDENT(2));

        printf("%s\n", text);
        free(text);
        json_decref(object);
        return;
    }
    printf("%s: written; hybridsim %s runs it\n", path, path);
}

static int
init(const Options *options, const char *name)
{
    g_autofree char *path = options->output != NULL
                                ? g_strdup(options->output)
                                : g_strdup_printf("%s.ini", name);
    g_autoptr(GString) text = g_string_new(NULL);
    HsStarter starter = {
        .title = name,
        .design = options->design,
        .bfd = g_str_equal(options->bfd, "yes"),
        .rate = options->rate,
        .onprem = options->onprem,
        .vpc = options->vpc,
        .requests = options->requests,
    };
    int status;

    hs_starter_write(&starter, text);
    if (!is_a_scenario(path, text))
        return HS_EXIT_USAGE;
    if (g_str_equal(path, "-")) {
        fputs(text->str, stdout);
        return HS_EXIT_OK;
    }
    status = write_file(path, text, options->force);
    if (status == HS_EXIT_OK)
        tell(options, path);
    return status;
}

int
hs_cmd_init(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_auto(GStrv) words = NULL;
    const GOptionEntry entries[] = {
        {"design", 0, 0, G_OPTION_ARG_STRING, &options.design,
         "site to VPC by what (default: dx-vpn)", "dx-vpn|dual-dx|vpn|tgw"},
        {"bfd", 0, 0, G_OPTION_ARG_STRING, &options.bfd,
         "BFD on Direct Connect (default: yes)", "yes|no"},
        {"rate", 0, 0, G_OPTION_ARG_STRING, &options.rate,
         "of Direct Connect (default: 1Gbps)", "RATE"},
        {"onprem", 0, 0, G_OPTION_ARG_STRING, &options.onprem,
         "network of the site (default: 172.16.0.0/24)", "PREFIX"},
        {"vpc", 0, 0, G_OPTION_ARG_STRING, &options.vpc,
         "network of the VPC (default: 10.0.0.0/16)", "PREFIX"},
        {"requests", 0, 0, G_OPTION_ARG_STRING, &options.requests,
         "of the database (default: 20/s)", "RATE"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
         "write FILE (default: NAME.ini); \"-\" is standard output", "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &options.force,
         "write over a file that is there", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "say as a JSON object what was written", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const char *name;

    words = hs_cli_parse_words(
        argc, argv, entries, "[NAME]",
        "Writes a starter scenario with comments: a design, what fails in it, "
        "and what is expected. Without --design it asks, on a terminal.");
    if (words == NULL)
        return HS_EXIT_USAGE;
    if (words[0] != NULL && (words[1] != NULL || strchr(words[0], '\n'))) {
        hs_cli_error("init: one name, please; hybridsim init NAME");
        return HS_EXIT_USAGE;
    }
    if (options.design == NULL && isatty(STDIN_FILENO) &&
        isatty(STDERR_FILENO) && !hs_cli_quiet())
        ask_all(&options);
    fall_back(&options.design, "dx-vpn");
    fall_back(&options.bfd, "yes");
    fall_back(&options.rate, "1Gbps");
    fall_back(&options.onprem, "172.16.0.0/24");
    fall_back(&options.vpc, "10.0.0.0/16");
    fall_back(&options.requests, "20/s");
    if (!is_usable(&options))
        return HS_EXIT_USAGE;
    name = words[0] != NULL ? words[0] : options.design;
    return init(&options, name);
}
