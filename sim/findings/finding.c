/* Findings as such: their names, and how they are printed. */

#include "config.h"

#include "sim/findings/finding.h"

#include <stdarg.h>

static const struct {
    const char *id;
    HsSeverity severity;
    const char *title;
    const char *rule;
} kinds[] = {
#define X(name, id, severity, title, rule)                                     \
    {id, HS_SEVERITY_##severity, title, rule},
    HS_FINDINGS(X)
#undef X
};

const char *
hs_severity_name(HsSeverity severity)
{
    static const char *const names[] = {
#define X(name, text) text,
        HS_SEVERITIES(X)
#undef X
    };

    g_assert((unsigned)severity < G_N_ELEMENTS(names));
    return names[severity];
}

const char *
hs_finding_id(HsFindingKind kind)
{
    g_assert((unsigned)kind < HS_FINDING_COUNT);
    return kinds[kind].id;
}

const char *
hs_finding_title(HsFindingKind kind)
{
    g_assert((unsigned)kind < HS_FINDING_COUNT);
    return kinds[kind].title;
}

const char *
hs_finding_rule(HsFindingKind kind)
{
    g_assert((unsigned)kind < HS_FINDING_COUNT);
    return kinds[kind].rule;
}

HsSeverity
hs_finding_severity(HsFindingKind kind)
{
    g_assert((unsigned)kind < HS_FINDING_COUNT);
    return kinds[kind].severity;
}

static void
finding_free(void *data)
{
    HsFinding *finding = data;

    g_free(finding->where);
    g_free(finding->evidence);
    g_free(finding);
}

GPtrArray *
hs_findings_new(void)
{
    return g_ptr_array_new_with_free_func(finding_free);
}

void
hs_findings_add(GPtrArray *findings, HsFindingKind kind,
                const HsElement *element, const char *key, const char *format,
                ...)
{
    HsFinding *finding = g_new0(HsFinding, 1);
    va_list arguments;

    va_start(arguments, format);
    finding->evidence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    finding->kind = kind;
    finding->line = hs_scenario_line(element, key);
    finding->where = g_strdup_printf("[%s %s]%s%s", hs_kind_name(element->kind),
                                     element->name, key != NULL ? " " : "",
                                     key != NULL ? key : "");
    g_ptr_array_add(findings, finding);
}

/* Stable: what was found first stands first among equals. */
static int
by_weight(const void *a, const void *b)
{
    const HsFinding *x = *(const HsFinding *const *)a;
    const HsFinding *y = *(const HsFinding *const *)b;
    HsSeverity of_x = hs_finding_severity(x->kind);
    HsSeverity of_y = hs_finding_severity(y->kind);

    if (of_x != of_y)
        return of_x > of_y ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

void
hs_findings_sort(GPtrArray *findings)
{
    g_ptr_array_sort(findings, by_weight);
}

void
hs_findings_text(const GPtrArray *findings, const char *path, GString *text)
{
    for (guint i = 0; i < findings->len; i++) {
        const HsFinding *f = findings->pdata[i];
        g_autofree char *place =
            f->line > 0 ? g_strdup_printf(" (%s:%u)", path, f->line)
                        : g_strdup("");

        g_string_append_printf(text, "%s %s: %s\n  %s%s: %s\n  rule: %s\n",
                               hs_finding_id(f->kind),
                               hs_severity_name(hs_finding_severity(f->kind)),
                               hs_finding_title(f->kind), f->where, place,
                               f->evidence, hs_finding_rule(f->kind));
    }
}

void
hs_findings_manual(GString *text)
{
    g_string_append(text, "| finding | severity | what it is | the rule |\n"
                          "| --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < HS_FINDING_COUNT; i++)
        g_string_append_printf(text, "| `%s` | %s | %s | %s |\n", kinds[i].id,
                               hs_severity_name(kinds[i].severity),
                               kinds[i].title, kinds[i].rule);
}
