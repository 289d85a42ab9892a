/* The commands and their options are those that the program itself parses; the
 * values of an option follow from how --help names them. For --set the first
 * scenario on the line is read: its groups and keys, and the words that a key
 * takes. One that has mistakes gives nothing, and what is in every scenario is
 * offered. */

#include "config.h"

#include "sim/complete.h"

#include "sim/cli.h"
#include "sim/scenario/schema.h"

#include <string.h>

typedef struct {
    const char *prefix; /* of candidates: "--format=" */
    const char *typed;  /* what they begin with, behind that */
    GString *lines;
} Completion;

static void
offer(const Completion *c, const char *word, const char *what)
{
    if (!g_str_has_prefix(word, c->typed))
        return;
    g_string_append_printf(c->lines, "%s%s\t%s\n", c->prefix, word,
                           what != NULL ? what : "");
}

/* "text|markdown", "auto|always|never" */
static void
offer_words(const Completion *c, const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, "|", -1);

    for (char **word = words; *word != NULL; word++)
        offer(c, *word, NULL);
}

/* --set */

static HsScenario *
first_scenario(char *const *words)
{
    for (; *words != NULL; words++) {
        HsScenario *scenario = g_str_has_suffix(*words, ".ini")
                                   ? hs_scenario_load(*words, NULL, NULL)
                                   : NULL;

        if (scenario != NULL)
            return scenario;
    }
    return NULL;
}

/* "dx primary.bfd=", or behind the equals sign the words that it takes. */
static void
offer_key(const Completion *c, const char *group, const HsRow *row,
          const char *now)
{
    g_autofree char *key = g_strdup_printf("%s.%s=", group, row->key);
    bool has_words = row->type == HS_TYPE_WORD;

    if (row->fixed)
        return;
    if (!g_str_has_prefix(c->typed, key)) {
        offer(c, key, now);
        return;
    }
    for (unsigned i = 0; has_words && row->words[i] != NULL; i++) {
        g_autofree char *whole = g_strconcat(key, row->words[i], NULL);

        offer(c, whole, NULL);
    }
    if (row->type == HS_TYPE_BOOL) {
        g_autofree char *yes = g_strconcat(key, "yes", NULL);
        g_autofree char *no = g_strconcat(key, "no", NULL);

        offer(c, yes, NULL);
        offer(c, no, NULL);
    }
}

static void
offer_sets(const Completion *c, char *const *words)
{
    g_autoptr(HsScenario) scenario = first_scenario(words);
    g_autoptr(GPtrArray) values =
        scenario != NULL ? hs_scenario_values(scenario) : NULL;
    const HsRow *row;

    for (guint i = 0; values != NULL && i < values->len; i++) {
        const HsValue *value = values->pdata[i];
        const char *kind = hs_kind_name(value->kind);
        bool alone =
            value->element == NULL ||
            (g_str_equal(value->element, kind) && hs_kind_stands_alone(kind));
        g_autofree char *group =
            alone ? g_strdup(kind)
                  : g_strdup_printf("%s %s", kind, value->element);

        row = hs_schema_find(value->kind, value->key);
        if (row != NULL)
            offer_key(c, group, row, value->value);
    }
    for (unsigned kind = 0; values == NULL && kind < HS_KIND_COUNT; kind++)
        for (unsigned i = 0; !hs_schema_kinds[kind].named &&
                             (row = hs_schema_next(kind, &i)) != NULL;)
            offer_key(c, hs_kind_name(kind), row, row->help);
}

/* Options */

static void
offer_value(const Completion *c, const GOptionEntry *option, char *const *words)
{
    const char *name = option->arg_description;

    if (name == NULL)
        return;
    if (g_str_equal(name, "GROUP.KEY=VALUE"))
        offer_sets(c, words);
    else if (strchr(name, '|') != NULL)
        offer_words(c, name);
    else if (g_str_has_prefix(name, "DIR"))
        g_string_append(c->lines, ":dirs\n");
    else if (option->arg == G_OPTION_ARG_FILENAME ||
             g_str_has_prefix(name, "FILE") || g_str_equal(name, "SOCKET"))
        g_string_append(c->lines, ":files\n");
}

static const GOptionEntry *
find_option(const GArray *entries, const char *word)
{
    size_t length = strcspn(word, "=");

    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const GOptionEntry *entry = &g_array_index(entries, GOptionEntry, i);

        if (g_str_has_prefix(word, "--")
                ? strlen(entry->long_name) == length - 2 &&
                      strncmp(word + 2, entry->long_name, length - 2) == 0
                : word[0] == '-' && word[1] == entry->short_name &&
                      word[1] != '\0' && word[2] == '\0')
            return entry;
    }
    return NULL;
}

static void
offer_options(const Completion *c, const GArray *entries)
{
    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const GOptionEntry *entry = &g_array_index(entries, GOptionEntry, i);
        g_autofree char *word = g_strconcat("--", entry->long_name, NULL);

        if ((entry->flags & G_OPTION_FLAG_HIDDEN) == 0)
            offer(c, word, entry->description);
    }
}

static void
offer_commands(const Completion *c)
{
    for (unsigned i = 0; i < hs_command_count(); i++)
        offer(c, hs_command(i)->name, hs_command(i)->summary);
}

/* What a command takes besides options. */
static void
offer_parameters(const Completion *c, const char *parameters)
{
    if (parameters == NULL)
        return;
    if (strchr(parameters, ' ') == NULL && strchr(parameters, '|') != NULL)
        offer_words(c, parameters);
    else if (strstr(parameters, "RESULT") != NULL)
        g_string_append(c->lines, ":files json\n");
    else if (strstr(parameters, "CAPTURE") != NULL)
        g_string_append(c->lines, ":files pcap pcapng cap\n");
    else if (strstr(parameters, "FILE") != NULL)
        g_string_append(c->lines, ":files ini\n");
}

/* The command of the line; "run" may be left out. */
static const HsCommand *
command_of(char *const *words, unsigned last)
{
    const HsCommand *command = last > 0 ? hs_command_find(words[0]) : NULL;

    return command != NULL ? command : hs_command_find("run");
}

static unsigned
count_of(char *const *words)
{
    unsigned count = 0;

    while (words[count] != NULL)
        count++;
    return count;
}

void
hs_complete(char *const *words, GString *lines)
{
    unsigned count = count_of(words);
    g_auto(HsCommandOptions) options = {NULL, NULL};
    const GOptionEntry *option;
    Completion c = {"", "", lines};
    g_autofree char *prefix = NULL;
    const char *word, *before;

    if (count == 0)
        return;
    word = words[count - 1];
    before = count > 1 ? words[count - 2] : "";
    /* An open quote: the shell keeps it. */
    c.typed = *word == '"' || *word == '\'' ? word + 1 : word;
    hs_cli_describe(command_of(words, count - 1), &options);
    option = find_option(options.entries, word);
    if (option != NULL && strchr(word, '=') != NULL) {
        prefix = g_strndup(word, strcspn(word, "=") + 1);
        c.prefix = prefix;
        c.typed = word + strlen(prefix);
        offer_value(&c, option, words);
        return;
    }
    option = find_option(options.entries, before);
    if (option != NULL && option->arg != G_OPTION_ARG_NONE &&
        strchr(before, '=') == NULL) {
        offer_value(&c, option, words);
    } else if (*word == '-') {
        offer_options(&c, options.entries);
        if (count == 1)
            offer(&c, "--version", "print the versions");
    } else if (count > 1 && g_str_equal(words[0], "help")) {
        offer_commands(&c);
    } else {
        if (count == 1) {
            offer_commands(&c);
            offer(&c, "help", "print the options of a command");
        }
        offer_parameters(&c, options.parameters);
    }
}

/* bash */

static char **
joined(char *const *words)
{
    GPtrArray *out = g_ptr_array_new();

    for (unsigned i = 0; words[i] != NULL; i++) {
        bool joins =
            out->len > 0 && (g_str_equal(words[i], "=") ||
                             g_str_has_suffix(out->pdata[out->len - 1], "="));
        char *last = joins ? out->pdata[out->len - 1] : NULL;

        if (joins)
            out->pdata[out->len - 1] = g_strconcat(last, words[i], NULL);
        else
            g_ptr_array_add(out, g_strdup(words[i]));
        g_free(last);
    }
    g_ptr_array_add(out, NULL);
    return (char **)g_ptr_array_free(out, FALSE);
}

/* bash gives words as they were typed: "dx\\ primary". */
static void
unescape(char *word)
{
    char *to = word;

    for (; *word != '\0'; word++) {
        if (*word == '\\' && word[1] != '\0')
            word++;
        *to++ = *word;
    }
    *to = '\0';
}

/* bash puts a candidate in the place of what stands behind the last "=". */
void
hs_complete_bash(char *const *words, GString *lines)
{
    g_auto(GStrv) whole = joined(words);
    unsigned count = g_strv_length(whole);
    g_autoptr(GString) found = g_string_new(NULL);
    g_auto(GStrv) list = NULL;
    const char *word = count > 0 ? whole[count - 1] : "";
    const char *equals = strrchr(word, '=');
    bool quoted = *word == '"' || *word == '\'';
    size_t cut = equals != NULL && !quoted ? (size_t)(equals - word) + 1 : 0;

    for (char **each = whole; *each != NULL; each++)
        if (**each != '"' && **each != '\'')
            unescape(*each);
    hs_complete(whole, found);
    list = g_strsplit(found->str, "\n", -1);
    for (char **line = list; *line != NULL && **line != '\0'; line++)
        g_string_append_printf(lines, "%s\n",
                               **line == ':' ? *line : *line + cut);
}
