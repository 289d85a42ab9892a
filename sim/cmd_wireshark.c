/* hybridsim wireshark: the command line that opens a result's capture with its
 * keys. It prints and does not start anything: the result may lie on another
 * machine than the screen. */

#include "config.h"

#include "pcap/wireshark.h"
#include "sim/cli.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static int
print_command(const char *result, const char *program, bool json)
{
    g_autofree char *folder = g_file_test(result, G_FILE_TEST_IS_DIR)
                                  ? g_strdup(result)
                                  : g_path_get_dirname(result);
    g_autofree char *capture = g_build_filename(folder, "capture.pcapng", NULL);
    g_autofree char *profile = g_build_filename(folder, "wireshark", NULL);
    g_autofree char *command = NULL;

    if (!g_file_test(capture, G_FILE_TEST_EXISTS) ||
        !g_file_test(profile, G_FILE_TEST_IS_DIR)) {
        hs_cli_error("%s: there is no capture.pcapng with a profile beside it; "
                     "expected a folder such as out/dx-cut",
                     result);
        return HS_EXIT_USAGE;
    }
    command = capture_profile_command(profile, program, capture);
    if (json) {
        json_t *object =
            json_pack("{s:s, s:i, s:s, s:s, s:s}", "format",
                      "hybridsim-opening", "version", 1, "capture", capture,
                      "profile", profile, "command", command);
        char *text = json_dumps(object, JSON_COMPACT);

        if (!hs_cli_quiet())
            printf("%s\n", text);
        free(text);
        json_decref(object);
    } else if (!hs_cli_quiet()) {
        printf("%s\n", command);
    }
    return HS_EXIT_OK;
}

int
hs_cmd_wireshark(int argc, char **argv)
{
    g_auto(GStrv) results = NULL;
    gboolean tshark = FALSE, json = FALSE;
    const GOptionEntry entries[] = {
        {"tshark", 0, 0, G_OPTION_ARG_NONE, &tshark,
         "for tshark instead of Wireshark", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "as a JSON object a line",
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    int status = HS_EXIT_OK;

    results = hs_cli_parse_words(
        argc, argv, entries, "RESULT...",
        "Prints the command that opens the capture of each result (out/dx-cut) "
        "with the keys of its tunnels.");
    if (results == NULL)
        return HS_EXIT_USAGE;
    if (results[0] == NULL) {
        hs_cli_error("wireshark: which result? hybridsim wireshark out/dx-cut");
        return HS_EXIT_USAGE;
    }
    for (char **result = results; *result != NULL && status == 0; result++)
        status = print_command(*result, tshark ? "tshark" : "wireshark", json);
    return status;
}
