/* The first screen: what broke, for how long, why, and what would shorten it.
 *
 * It is about the failover that was worst for the database. Where a scenario
 * has several faults, a table below has all of them. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *part, *words;
} parts[] = {
    {"detect", "Detecting the failure"},
    {"withdraw", "Withdrawing the routes"},
    {"fib", "Changing the forwarding table"},
    {"tunnel", "Making a tunnel"},
    {"dataplane", "First packet through"},
    {"transport", "TCP sending again"},
    {"application", "First good reply"},
    {"settled", "Latency back to normal"},
};

const char *
hs_part_words(const char *part)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (g_str_equal(parts[i].part, part))
            return parts[i].words;
    return part;
}

const char *
hs_client_words(const char *client)
{
    if (g_str_equal(client, "persistent"))
        return "persistent connection";
    if (g_str_equal(client, "pool"))
        return "connection pool";
    return client;
}

const char *
hs_timer_words(const char *means)
{
    static const struct {
        const char *means, *words;
    } timers[] = {
        {"BFD", "BFD's detection time"},
        {"hold timer", "BGP's hold timer"},
        {"DPD", "IKE's dead peer detection"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(timers); i++)
        if (g_strcmp0(timers[i].means, means) == 0)
            return timers[i].words;
    return NULL;
}

static bool
recovered(const json_t *client)
{
    return !hs_get_is(client, "recovery", "did not recover");
}

static bool
is_worse(const HsWorst *a, const HsWorst *b)
{
    if (b->client == NULL)
        return true;
    if (a->recovered != b->recovered)
        return !a->recovered;
    if (isnan(a->outage_ms))
        return false;
    return isnan(b->outage_ms) || a->outage_ms > b->outage_ms;
}

HsWorst
hs_report_worst(const json_t *result)
{
    HsWorst worst = {.outage_ms = NAN, .recovered = true};

    for (size_t f = 0; f < hs_get_length(result, "faults"); f++) {
        const json_t *fault = hs_get_item(result, "faults", f);

        if (worst.fault == NULL)
            worst.fault = fault;
        for (size_t c = 0; c < hs_get_length(fault, "clients"); c++) {
            const json_t *client = hs_get_item(fault, "clients", c);
            HsWorst here = {fault, client,
                            hs_get_real(client, "outage.duration_ms"),
                            recovered(client)};

            if (hs_get_is(client, "recovery", "no interruption"))
                here.outage_ms = NAN;
            if (is_worse(&here, &worst))
                worst = here;
        }
    }
    return worst;
}

const json_t *
hs_longest_part(const json_t *client)
{
    const json_t *longest = NULL;
    double most = 0;

    for (size_t i = 0; i < hs_get_length(client, "parts"); i++) {
        const json_t *part = hs_get_item(client, "parts", i);
        double took = hs_get_real(part, "duration_ms");

        if (!isnan(took) && took > most &&
            !hs_get_is(part, "part", "settled")) {
            longest = part;
            most = took;
        }
    }
    return longest;
}

static const json_t *
governing(const json_t *fault)
{
    for (size_t i = 0; i < hs_get_length(fault, "detections"); i++) {
        const json_t *detection = hs_get_item(fault, "detections", i);

        if (hs_get_bool(detection, "governs"))
            return detection;
    }
    return NULL;
}

char *
hs_part_cause(const json_t *fault, const json_t *part)
{
    const char *cause = hs_get_text(part, "cause");
    const char *subject = hs_get_text(part, "subject");
    const char *node = hs_get_text(part, "node");
    const char *name = hs_get_text_or(part, "part", "");
    GString *text = g_string_new(NULL);

    if (!hs_get_is(part, "status", "happened")) {
        g_string_append_printf(text, "%s", hs_get_text_or(part, "status", ""));
        if (hs_get_text(part, "note") != NULL)
            g_string_append_printf(text, ": %s", hs_get_text(part, "note"));
        return g_string_free(text, FALSE);
    }
    if (g_str_equal(name, "detect")) {
        g_string_append_printf(
            text, "%s: %s",
            hs_get_text_or(governing(fault), "means", "detected"),
            cause != NULL ? cause : "no cause given");
        subject = NULL;
    } else if (g_str_equal(name, "withdraw")) {
        g_string_append(text, "last word on the prefix");
    } else if (g_str_equal(name, "fib")) {
        g_string_append_printf(text, "route%s%s", cause != NULL ? " by " : "",
                               cause != NULL ? cause : "");
    } else {
        g_string_append(text, cause != NULL ? cause : "");
    }
    if (subject != NULL)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                               subject);
    if (node != NULL)
        g_string_append_printf(text, " at %s", node);
    return g_string_free(text, FALSE);
}

char *
hs_evidence_text(const json_t *evidence)
{
    const char *link = hs_get_text(evidence, "link");

    if (evidence == NULL)
        return NULL;
    if (hs_get(evidence, "packet") == NULL)
        return link != NULL ? g_strdup_printf("seen on %s", link) : NULL;
    return g_strdup_printf("packet #%" JSON_INTEGER_FORMAT "%s%s",
                           hs_get_integer(evidence, "packet"),
                           link != NULL ? " on " : "",
                           link != NULL ? link : "");
}

/* "Direct Connect", of the element that NAME is or is part of; NULL: none. */
static const char *
target_words(const json_t *result, const char *name)
{
    static const struct {
        const char *kind, *words;
    } kinds[] = {
        {"dx", "Direct Connect"},       {"vpn", "Site-to-Site VPN"},
        {"onprem", "customer gateway"}, {"gateway", "AWS gateway"},
        {"internet", "the internet"},   {"vpc", "VPC"},
        {"peering", "peering"},         {"lag", "link aggregation group"},
    };
    size_t length = strcspn(name, ".");

    for (size_t i = 0; i < hs_get_length(result, "values"); i++) {
        const json_t *value = hs_get_item(result, "values", i);
        const char *element = hs_get_text(value, "element");

        if (element == NULL || strlen(element) != length ||
            strncmp(element, name, length) != 0)
            continue;
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
            if (hs_get_is(value, "kind", kinds[k].kind))
                return kinds[k].words;
        return NULL;
    }
    return NULL;
}

/* The answers */

static void
answer(HsHtml *html, const char *question)
{
    hs_html_open(html, "div", "class", "answer", NULL);
    hs_html_leaf(html, "h2", NULL, "%s", question);
}

static void
what_broke(HsHtml *html, const json_t *result, const HsWorst *worst)
{
    const json_t *fault = worst->fault;
    char at[HS_NUMBER_TEXT], span[HS_NUMBER_TEXT];
    double cleared = hs_get_real(fault, "cleared_s");
    double applied = hs_get_real(fault, "applied_s");
    size_t count = hs_get_length(result, "faults");
    const char *target = hs_get_text(fault, "target");
    const char *kind = target != NULL ? target_words(result, target) : NULL;

    answer(html, "What broke");
    if (fault == NULL) {
        hs_html_leaf(html, "p", "big", "Nothing");
        hs_html_leaf(html, "p", NULL, "The scenario has no fault.");
        hs_html_close(html, "div");
        return;
    }
    hs_html_open(html, "p", "class", "big", NULL);
    hs_html_text(html, "%s",
                 hs_get_text_or(fault, "target", hs_get_text(fault, "name")));
    hs_html_close(html, "p");
    hs_html_open(html, "p", NULL);
    if (kind != NULL)
        hs_html_text(html, "%s. ", kind);
    hs_html_text(html, "Fault \u201c%s\u201d (%s) began at %s",
                 hs_get_text(fault, "name"),
                 hs_get_text_or(fault, "action", "no action"),
                 hs_seconds_text(applied * 1e3, at));
    if (isnan(cleared))
        hs_html_text(html, " and stayed to the end");
    else
        hs_html_text(html, " and lasted %s",
                     hs_seconds_text((cleared - applied) * 1e3, span));
    if (hs_get_text(fault, "effect") != NULL)
        hs_html_text(html, "; it touched %s", hs_get_text(fault, "effect"));
    hs_html_text(html, ".");
    if (count > 1)
        hs_html_text(html, " The worst of %zu faults.", count);
    hs_html_close(html, "p");
    hs_html_close(html, "div");
}

static void
client_outage(HsHtml *html, const json_t *fault, const json_t *client)
{
    const char *recovery = hs_get_text(client, "recovery");
    g_autofree char *figure =
        g_strdup_printf("outage.%s", hs_get_text(client, "client"));
    char text[HS_NUMBER_TEXT];

    hs_html_open(html, "div", NULL);
    hs_html_leaf(html, "dt", NULL, "%s",
                 hs_client_words(hs_get_text(client, "client")));
    if (g_str_equal(recovery, "recovered")) {
        hs_html_open(html, "dd", "class", "big", "data-figure", figure,
                     "data-fault", hs_get_text(fault, "name"), NULL);
        hs_html_text(
            html, "%s",
            hs_seconds_text(hs_get_real(client, "outage.duration_ms"), text));
        hs_html_close(html, "dd");
    } else
        hs_html_leaf(html, "dd", "big words", "%s", recovery);
    hs_html_close(html, "div");
}

static void
how_long(HsHtml *html, const HsWorst *worst)
{
    answer(html, "For how long");
    if (worst->client == NULL) {
        hs_html_leaf(html, "p", NULL,
                     worst->fault == NULL ? "Nothing was interrupted."
                                          : "No database client was observed.");
        hs_html_close(html, "div");
        return;
    }
    hs_html_open(html, "dl", "class", "pair", NULL);
    for (size_t i = 0; i < hs_get_length(worst->fault, "clients"); i++)
        client_outage(html, worst->fault,
                      hs_get_item(worst->fault, "clients", i));
    hs_html_close(html, "dl");
    hs_html_open(html, "p", NULL);
    hs_html_text(html, "Longest time without a reply from the database.");
    for (size_t i = 0; i < hs_get_length(worst->fault, "clients"); i++) {
        const json_t *client = hs_get_item(worst->fault, "clients", i);
        char sent[HS_NUMBER_TEXT], delayed[HS_NUMBER_TEXT],
            failed[HS_NUMBER_TEXT];

        hs_html_text(
            html, " %s: of %s requests %s delayed, %s failed.",
            i == 0 ? "Persistent" : "Pool",
            hs_count_text(hs_get_integer(client, "requests.sent"), sent),
            hs_count_text(hs_get_integer(client, "requests.delayed"), delayed),
            hs_count_text(hs_get_integer(client, "requests.failed"), failed));
    }
    hs_html_close(html, "p");
    hs_html_close(html, "div");
}

static void
why_so_long(HsHtml *html, const HsWorst *worst)
{
    const json_t *part = hs_longest_part(worst->client);
    const json_t *detection = governing(worst->fault);
    const char *timer = hs_timer_words(hs_get_text(detection, "means"));
    char took[HS_NUMBER_TEXT], all[HS_NUMBER_TEXT], since[HS_NUMBER_TEXT];

    answer(html, "Why");
    if (part == NULL) {
        hs_html_leaf(html, "p", NULL,
                     worst->client == NULL ? "There is nothing to explain."
                     : isnan(worst->outage_ms) && worst->recovered
                         ? "The database was not interrupted."
                         : "No part of a recovery was observed.");
        hs_html_close(html, "div");
        return;
    }
    {
        g_autofree char *cause = hs_part_cause(worst->fault, part);

        hs_html_leaf(html, "p", "big words", "%s",
                     hs_part_words(hs_get_text(part, "part")));
        hs_html_open(html, "p", NULL);
        hs_html_text(html, "%s",
                     hs_seconds_text(hs_get_real(part, "duration_ms"), took));
        if (hs_get(worst->client, "failover_ms") != NULL)
            hs_html_text(
                html, " of the %s failover (%.0f\u00a0%%)",
                hs_seconds_text(hs_get_real(worst->client, "failover_ms"), all),
                100 * hs_get_real(part, "share"));
        hs_html_text(html, ": %s.", cause);
    }
    if (detection != NULL) {
        hs_html_text(html, " What governed: ");
        hs_html_leaf(html, "strong", NULL, "%s",
                     timer != NULL ? timer : hs_get_text(detection, "means"));
        hs_html_text(
            html, " at %s, %s after the fault.", hs_get_text(detection, "node"),
            hs_seconds_text(hs_get_real(detection, "since_fault_ms"), since));
    }
    hs_html_close(html, "p");
    hs_html_close(html, "div");
}

static void
no_advice(HsHtml *html, const json_t *result, const HsWorst *worst)
{
    const json_t *finding = hs_get_item(result, "findings", 0);

    if (hs_get(result, "advice") != NULL)
        hs_html_text(html,
                     "None of the changes that were tried shortens it "
                     "(%" JSON_INTEGER_FORMAT " runs).",
                     hs_get_integer(result, "advice_tried"));
    else if (worst->client == NULL)
        hs_html_text(html, "Nothing was interrupted, so no change was sought.");
    else
        hs_html_text(html, "No change was tried in this run.");
    if (finding != NULL)
        hs_html_text(html, " First finding: %s (%s).",
                     hs_get_text(finding, "title"), hs_get_text(finding, "id"));
}

/* A sentence's beginning, of what may stand inside one. */
static char *
capitalised(const char *text)
{
    char *copy = g_strdup(text);

    *copy = g_ascii_toupper(*copy);
    return copy;
}

static void
what_to_change(HsHtml *html, const json_t *result, const HsWorst *worst)
{
    const json_t *best = hs_get_item(result, "advice", 0);
    g_autofree char *change = NULL;
    char before[HS_NUMBER_TEXT], after[HS_NUMBER_TEXT], saves[HS_NUMBER_TEXT];

    answer(html, "What to change");
    if (best == NULL) {
        hs_html_open(html, "p", NULL);
        no_advice(html, result, worst);
        hs_html_close(html, "p");
        hs_html_close(html, "div");
        return;
    }
    change = capitalised(hs_get_text(best, "change"));
    hs_html_leaf(html, "p", "big words", "%s", change);
    hs_html_open(html, "p", NULL);
    hs_html_text(html, "The failover takes %s",
                 hs_seconds_text(hs_get_real(best, "after_ms"), after));
    if (hs_get(best, "before_ms") != NULL)
        hs_html_text(html, " instead of %s: ",
                     hs_seconds_text(hs_get_real(best, "before_ms"), before));
    if (hs_get(best, "saves_ms") != NULL)
        hs_html_leaf(html, "strong", NULL, "%s less",
                     hs_seconds_text(hs_get_real(best, "saves_ms"), saves));
    hs_html_text(html, ", as %s.",
                 hs_get_is(best, "measured", "this run")
                     ? "the other client shows"
                     : "another run with it shows");
    if (hs_get_text(best, "set") != NULL) {
        hs_html_text(html, " ");
        hs_html_leaf(html, "code", NULL, "%s", hs_get_text(best, "set"));
    }
    hs_html_close(html, "p");
    hs_html_close(html, "div");
}

static void
told(HsHtml *html, const json_t *result, const HsWorst *worst)
{
    double after;
    char text[HS_NUMBER_TEXT];

    if (worst->fault == NULL || hs_get(result, "monitoring") == NULL)
        return;
    after = hs_told_after(result, hs_get_text(worst->fault, "name"));
    if (isnan(after))
        hs_html_leaf(html, "li", "bad", "No notification told anybody");
    else
        hs_html_leaf(html, "li", NULL, "Somebody was told after %s",
                     hs_seconds_text(after, text));
}

/* The line below: expectations, clear text, findings, monitoring. */
static void
status_line(HsHtml *html, const json_t *result, const HsWorst *worst)
{
    size_t checks = hs_get_length(result, "verdict.checks"), met = 0;
    json_int_t clear = 0;
    size_t serious = 0, findings = hs_get_length(result, "findings");
    char bytes[HS_NUMBER_TEXT];
    bool passed = hs_get_bool(result, "verdict.passed");

    for (size_t i = 0; i < checks; i++)
        met += hs_get_bool(hs_get_item(result, "verdict.checks", i), "met");
    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);

        if (!hs_get_bool(link, "trusted"))
            clear += hs_get_integer(link, "wire.clear.bytes");
    }
    for (size_t i = 0; i < findings; i++)
        serious += hs_get_is(hs_get_item(result, "findings", i), "severity",
                             "serious");
    hs_html_open(html, "ul", "class", "status", NULL);
    hs_html_open(html, "li", "class",
                 checks == 0 ? NULL
                 : passed    ? "good"
                             : "bad",
                 NULL);
    if (checks == 0)
        hs_html_text(html, "No expectation was checked");
    else
        hs_html_text(html, "%s: %zu of %zu expectations hold",
                     passed ? "Passed" : "Failed", met, checks);
    hs_html_close(html, "li");
    hs_html_open(html, "li", "class", clear > 0 ? "bad" : "good", NULL);
    if (clear > 0)
        hs_html_text(html, "%s readable on untrusted links",
                     hs_bytes_text((double)clear, bytes));
    else
        hs_html_text(html, "Nothing readable on untrusted links");
    hs_html_close(html, "li");
    hs_html_open(html, "li", "class", serious > 0 ? "bad" : NULL, NULL);
    hs_html_text(html, "%zu finding%s, %zu serious", findings,
                 findings == 1 ? "" : "s", serious);
    hs_html_close(html, "li");
    told(html, result, worst);
    hs_html_close(html, "ul");
}

/* Several faults: a row for each and client. */
static void
all_faults(HsHtml *html, const json_t *result)
{
    if (hs_get_length(result, "faults") < 2)
        return;
    hs_html_table(html, "All faults of the run", "Fault", "Target", "#Began",
                  "Client", "Recovery", "#Outage", "#Failover", "#Delayed",
                  "#Failed", NULL);
    for (size_t f = 0; f < hs_get_length(result, "faults"); f++) {
        const json_t *fault = hs_get_item(result, "faults", f);

        for (size_t c = 0; c < hs_get_length(fault, "clients"); c++) {
            const json_t *client = hs_get_item(fault, "clients", c);
            char text[HS_NUMBER_TEXT];

            hs_html_cell(html, "%s", hs_get_text(fault, "name"));
            hs_html_cell(html, "%s", hs_get_text_or(fault, "target", "-"));
            hs_html_cell(
                html, "%s",
                hs_seconds_text(hs_get_real(fault, "applied_s") * 1e3, text));
            hs_html_cell(html, "%s", hs_get_text(client, "client"));
            hs_html_cell(html, "%s", hs_get_text(client, "recovery"));
            hs_html_cell(html, "%s",
                         hs_seconds_text(
                             hs_get_real(client, "outage.duration_ms"), text));
            hs_html_cell(
                html, "%s",
                hs_seconds_text(hs_get_real(client, "failover_ms"), text));
            hs_html_cell(html, "%s",
                         hs_count_text(
                             hs_get_integer(client, "requests.delayed"), text));
            hs_html_cell(
                html, "%s",
                hs_count_text(hs_get_integer(client, "requests.failed"), text));
        }
    }
    hs_html_table_end(html);
}

void
hs_report_verdict(HsHtml *html, const json_t *result)
{
    HsWorst worst = hs_report_worst(result);

    hs_html_open(html, "section", "id", "verdict", "aria-label", "Verdict",
                 NULL);
    hs_html_open(html, "div", "class", "answers", NULL);
    what_broke(html, result, &worst);
    how_long(html, &worst);
    why_so_long(html, &worst);
    what_to_change(html, result, &worst);
    hs_html_close(html, "div");
    status_line(html, result, &worst);
    all_faults(html, result);
    hs_html_close(html, "section");
}
