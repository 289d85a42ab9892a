/* The report: what escapes, what is drawn, what is refused. */

#include "config.h"

#include "sim/report/chart.h"
#include "sim/report/get.h"
#include "sim/report/report.h"
#include "tests/harness/run.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* The least that a result has to have. */
#define LEAST                                                                  \
    "\"format\": \"hybridsim-result\", \"version\": 1,"                        \
    "\"program\": {\"version\": \"0.1.0\"},"                                   \
    "\"scenario\": {\"name\": \"x\", \"duration_s\": 60},"                     \
    "\"verdict\": {\"passed\": true}"

static json_t *
parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *result = hs_report_parse(text, strlen(text), "test", &error);

    ck_assert_msg(result != NULL, "%s",
                  error != NULL ? error->message : "no error");
    return result;
}

static char *
page_of(const char *text)
{
    json_t *result = parsed(text);
    GString *page = hs_report_page(result);

    json_decref(result);
    return g_string_free(page, FALSE);
}

static unsigned
count(const char *text, const char *what)
{
    unsigned found = 0;

    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        found++;
    return found;
}

/* Escaping */

static const struct {
    const char *text, *escaped;
} escapes[] = {
    {"plain", "plain"},
    {"<script>", "&lt;script&gt;"},
    {"a & b &amp; c", "a &amp; b &amp;amp; c"},
    {"\"quoted\" 'too'", "&quot;quoted&quot; &#39;too&#39;"},
    {"tab\tline\n", "tab\tline\n"},
    {"bell\a, delete\x7f, escape\x1b[31m",
     "bell\xef\xbf\xbd, delete\xef\xbf\xbd, escape\xef\xbf\xbd[31m"},
    {"Straße → 東京", "Straße → 東京"},
};

START_TEST(escapes_text)
{
    g_autofree char *escaped = hs_html_escaped(escapes[_i].text);

    ck_assert_str_eq(escaped, escapes[_i].escaped);
}
END_TEST

START_TEST(escapes_attributes_and_cells)
{
    HsHtml *html = hs_html_new();
    GString *out;

    hs_html_open(html, "p", "title", "\" onclick=\"x", "hidden", "", "lang",
                 NULL, NULL);
    hs_html_text(html, "%s", "<b>");
    hs_html_close(html, "p");
    hs_html_table(html, "<c>", "A", "#B", NULL);
    hs_html_cell(html, "%s", "<d>");
    hs_html_cell(html, "%d", 7);
    hs_html_table_end(html);
    out = hs_html_finish(html);
    ck_assert_str_eq(
        out->str,
        "<p title=\"&quot; onclick=&quot;x\" hidden>&lt;b&gt;</p>\n"
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"&lt;c&gt;\">\n<table>\n<caption>&lt;c&gt;</caption>\n"
        "<thead>\n<tr>\n<th scope=\"col\">A</th>\n"
        "<th scope=\"col\" class=\"n\">B</th></tr></thead>\n<tbody>\n<tr>\n"
        "<th scope=\"row\">&lt;d&gt;</th>\n<td class=\"n\">7</td></tr></tbody>"
        "</table></div>");
    g_string_free(out, TRUE);
}
END_TEST

/* Everything that a scenario can name, as somebody would who wants a script to
 * run: in the page, in the island, in the drawing of dot. */
#define EVIL "</script><script>alert(1)</script><!--\\\" onload=x \\\\N"

static const char evil[] =
    "{\"format\": \"hybridsim-result\", \"version\": 1,"
    "\"program\": {\"version\": \"" EVIL "\"},"
    "\"scenario\": {\"name\": \"" EVIL "\", \"title\": \"" EVIL "\","
    " \"duration_s\": 60, \"seed\": \"1; rm\"},"
    "\"verdict\": {\"passed\": false, \"checks\": [{\"figure\": \"" EVIL "\","
    " \"outcome\": \"" EVIL "\", \"text\": \"" EVIL "\"}]},"
    "\"faults\": [{\"name\": \"" EVIL "\", \"target\": \"" EVIL "\","
    " \"applied_s\": 10, \"cleared_s\": 20, \"detections\": [],"
    " \"clients\": [{\"client\": \"" EVIL "\", \"recovery\": \"recovered\","
    " \"failover_ms\": 3, \"outage\": {\"duration_ms\": 4}, \"parts\": ["
    " {\"part\": \"" EVIL "\", \"status\": \"happened\", \"duration_ms\": 3,"
    " \"since_fault_ms\": 3, \"share\": 1, \"cause\": \"" EVIL "\"}]}]}],"
    "\"links\": [{\"name\": \"" EVIL "\", \"from\": \"" EVIL "a\","
    " \"to\": \"b" EVIL "\", \"trusted\": false}],"
    "\"nodes\": [{\"name\": \"" EVIL "a\", \"kind\": \"" EVIL "\","
    " \"place\": \"aws\"}],"
    "\"series\": {\"bucket_s\": 10, \"buckets\": 6, \"latency\": [{"
    " \"client\": \"" EVIL "\", \"p50_ms\": [1,2,null,2,2,2],"
    " \"p99_ms\": [1,2,null,2,2,2], \"failed\": [0,0,1,0,0,0]}]},"
    "\"findings\": [{\"id\": \"" EVIL "\", \"severity\": \"" EVIL "\","
    " \"title\": \"" EVIL "\", \"evidence\": \"" EVIL "\"}],"
    "\"values\": [{\"kind\": \"" EVIL "\", \"element\": \"x\","
    " \"key\": \"k\", \"value\": \"" EVIL "\", \"origin\": \"--set\"}]}";

START_TEST(hostile_names_are_harmless)
{
    g_autofree char *page = page_of(evil);
    const char *island = strstr(page, "id=\"data\">");
    const char *end;
    json_t *data;

    ck_assert_ptr_null(strstr(page, "<script>alert"));
    ck_assert_ptr_null(strstr(page, "<!--"));
    /* The island, dygraphs and our own. */
    ck_assert_uint_eq(count(page, "<script"), 3);
    ck_assert_uint_eq(count(page, "</script>"), 3);
    ck_assert_ptr_nonnull(island);
    island += strlen("id=\"data\">");
    end = strstr(island, "</script>");
    ck_assert_ptr_nonnull(end);
    data = json_loadb(island, (size_t)(end - island), 0, NULL);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(json_array_size(json_object_get(data, "charts")), 2);
    json_decref(data);
    /* What a reader would paste is one word for a shell. */
    ck_assert_ptr_nonnull(strstr(page, "--seed &#39;1; rm&#39;"));
}
END_TEST

/* What is absent leaves its section out, and says so. */
START_TEST(the_least_result_is_a_page)
{
    g_autofree char *page =
        page_of("{" LEAST ", \"faults\": [], \"links\": []}");

    ck_assert_ptr_nonnull(strstr(page, "The scenario has no fault."));
    ck_assert_ptr_nonnull(strstr(page, "This result has no series over time."));
    ck_assert_ptr_nonnull(
        strstr(page, "This result does not say which way packets went."));
    ck_assert_ptr_nonnull(strstr(page, "This result has no states over time."));
    ck_assert_ptr_nonnull(strstr(page, "No expectation was checked"));
    /* Behind it is dygraphs. */
    *strstr(page, "id=\"data\">") = '\0';
    ck_assert_ptr_null(strstr(page, "(null)"));
    ck_assert_ptr_null(strstr(page, "nan"));
}
END_TEST

/* Lists that are shorter than they say, or empty, draw what is there. */
START_TEST(series_without_numbers_are_a_page)
{
    g_autofree char *page = page_of(
        "{" LEAST ", \"faults\": [], \"links\": [], \"series\": {\"bucket_s\":"
        "1, \"buckets\": 100000000, \"latency\": [{\"client\": \"pool\","
        "\"count\": [], \"p99_ms\": []}], \"traffic\": []},"
        "\"latency_curve\": [{\"client\": \"pool\", \"phase\": \"before\","
        "\"points\": [[], [50], [100, 3]]}], \"lanes\": [{\"kind\": \"bgp\"}],"
        "\"database\": [{\"client\": \"pool\"}]}");

    ck_assert_ptr_nonnull(strstr(page, "What the database&#39;s clients felt"));
    ck_assert_ptr_nonnull(strstr(page, "{\"charts\":[]"));
}
END_TEST

/* What nobody would have known is said in words, and where nothing was tried
 * the first finding stands. */
START_TEST(monitoring_tells_when_and_never)
{
    g_autofree char *page = page_of(
        "{" LEAST ", \"links\": [], \"faults\": [{\"name\": \"cut\","
        "\"applied_s\": 10, \"clients\": []}], \"monitoring\": {\"known\": [{"
        "\"fault\": \"cut\", \"routing\": {\"since_fault_ms\": 828.2},"
        "\"alarm\": {\"since_fault_ms\": null, \"what\": \"none is set\"},"
        "\"notification\": {\"since_fault_ms\": null}}],"
        "\"blind_spots\": [{\"name\": \"port-stays-up\", \"text\": \"it is "
        "up\"}]}}");

    ck_assert_ptr_nonnull(strstr(page, "No notification told anybody"));
    ck_assert_ptr_nonnull(strstr(page, "Routing knew after 0.828\u00a0s; no "
                                       "notification told anybody."));
    ck_assert_ptr_nonnull(strstr(page, ">none is set<"));
    ck_assert_ptr_nonnull(strstr(page, "it is up <code>port-stays-up</code>"));
}
END_TEST

START_TEST(advice_says_what_and_by_how_much)
{
    g_autofree char *page = page_of(
        "{" LEAST ", \"links\": [], \"faults\": [], \"advice\": [{"
        "\"change\": \"BFD on primary\", \"set\": \"--set x\", \"before_ms\":"
        "90000, \"after_ms\": 1550.4, \"saves_ms\": 88449.6, \"measured\":"
        "\"another run\"}]}");
    g_autofree char *none = page_of(
        "{" LEAST ", \"links\": [], \"faults\": [], \"advice\": [],"
        "\"advice_tried\": 3, \"findings\": [{\"id\": \"ID\", \"severity\":"
        "\"advice\", \"title\": \"the title\"}]}");

    ck_assert_ptr_nonnull(strstr(
        page, "The failover takes 1.550\u00a0s instead of 90.000\u00a0s: "
              "<strong>88.450\u00a0s less</strong>, as another run with it "
              "shows. <code>--set x</code>"));
    ck_assert_ptr_nonnull(strstr(
        none, "None of the changes that were tried shortens it (3 runs). First "
              "finding: the title (ID)."));
}
END_TEST

/* Several runs of one scenario are told apart, and a value stands once. */
START_TEST(a_comparison_names_its_runs)
{
    json_t *results[3] = {
        parsed("{" LEAST ", \"faults\": [], \"links\": [], \"values\": [{"
               "\"kind\": \"dx\", \"element\": \"p\", \"key\": \"bfd\","
               "\"value\": \"off\", \"origin\": \"file\"}]}"),
        parsed("{" LEAST ", \"faults\": [], \"links\": [], \"values\": [{"
               "\"kind\": \"dx\", \"element\": \"p\", \"key\": \"bfd\","
               "\"value\": \"300ms x 3\", \"origin\": \"--set\"}]}"),
        parsed("{" LEAST ", \"faults\": [], \"links\": []}")};
    GString *page = hs_report_comparison(results, 3);

    ck_assert_ptr_nonnull(strstr(page->str, "3 runs compared"));
    ck_assert_ptr_nonnull(strstr(page->str, ">x (1, seed ?)<"));
    ck_assert_ptr_nonnull(strstr(page->str, ">x (3, seed ?)<"));
    ck_assert_uint_eq(count(page->str, ">[dx p] bfd</th>"), 1);
    ck_assert_ptr_nonnull(strstr(page->str, "<td>off</td>\n<td>300ms x 3</td>"
                                            "\n<td>-</td>"));
    g_string_free(page, TRUE);
    for (unsigned i = 0; i < 3; i++)
        json_decref(results[i]);
}
END_TEST

START_TEST(the_same_result_gives_the_same_bytes)
{
    g_autofree char *first = page_of(evil), *second = page_of(evil);

    ck_assert_str_eq(first, second);
}
END_TEST

START_TEST(without_dot_there_is_a_list)
{
    g_autofree char *page = NULL;

    ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
    page = page_of("{" LEAST ", \"faults\": [], \"links\": [{\"name\": \"l\","
                   "\"from\": \"a\", \"to\": \"b\"}]}");
    ck_assert_ptr_nonnull(strstr(page, "dot is not installed"));
    ck_assert_ptr_nonnull(strstr(page, "<li>l: a – b</li>"));
}
END_TEST

/* Errors */

static const struct {
    const char *text, *error;
} refusals[] = {
    {"", "test:1:0: '[' or '{' expected near end of file"},
    {"{\n\"format\": tru}", "test:2:13: invalid token near 'tru'"},
    {"{\"a\": 1, \"a\": 2}", "duplicate object key"},
    {"[]", "test: format: this is no result of hybridsim run"},
    {"{\"format\": \"hybridsim-survey\", \"version\": 1}",
     "test: format: this is no result of hybridsim run"},
    {"{\"format\": \"hybridsim-result\", \"version\": 2}",
     "test: version: this program reads version 1 of results"},
    {"{\"format\": \"hybridsim-result\", \"version\": \"1\"}",
     "test: version: this program reads version 1 of results"},
    {"{" LEAST ", \"links\": []}", "test: faults: is missing"},
    {"{" LEAST ", \"faults\": {}, \"links\": []}",
     "test: faults: a list is wanted, and it is an object"},
    {"{" LEAST ", \"faults\": [7], \"links\": []}",
     "test: faults[0]: an object is wanted, and it is an integer"},
    {"{" LEAST ", \"links\": [], \"faults\": [{\"name\": \"a\","
     "\"applied_s\": 1}, {\"name\": \"b\", \"applied_s\": 1, \"clients\": ["
     "{\"client\": \"pool\", \"recovery\": \"recovered\","
     "\"failover_ms\": \"4\"}]}]}",
     "test: faults[1].clients[0].failover_ms: a number or null is wanted, and "
     "it is text"},
    {"{" LEAST ", \"links\": [], \"faults\": [{\"applied_s\": 1}]}",
     "test: faults[0].name: is missing"},
    {"{" LEAST ", \"faults\": [], \"links\": [], \"series\": {\"bucket_s\": 1,"
     "\"buckets\": 1.5}}",
     "test: series.buckets: an integer is wanted, and it is a number with a "
     "fraction"},
    {"{" LEAST ", \"faults\": [], \"links\": [], \"series\": {\"bucket_s\": 0,"
     "\"buckets\": 1}}",
     "test: series.bucket_s: a number above 0 and up to 100000000 is wanted"},
    {"{" LEAST ", \"faults\": [], \"links\": [], \"series\": {\"bucket_s\": 1,"
     "\"buckets\": 4611686018427387904}}",
     "test: series.buckets: a number above 0 and up to 100000000 is wanted"},
    {"{" LEAST ", \"faults\": [], \"links\": [], \"database\": [{\"client\":"
     "\"pool\", \"during\": {\"latency\": {\"p99.9_ms\": null}}}]}",
     "test: database[0].during.latency.p99.9_ms: a number is wanted, and it is "
     "null"},
    {"{" LEAST ", \"faults\": [], \"links\": [], \"latency_curve\": [{"
     "\"client\": \"pool\", \"phase\": \"before\", \"points\": [[50, 1],"
     "[99, true]]}]}",
     "test: latency_curve[0].points[1][1]: a number is wanted, and it is a "
     "boolean"},
};

START_TEST(refuses)
{
    g_autoptr(GError) error = NULL;
    json_t *result = hs_report_parse(refusals[_i].text,
                                     strlen(refusals[_i].text), "test", &error);

    ck_assert_ptr_null(result);
    ck_assert(g_error_matches(error, HS_REPORT_ERROR, HS_REPORT_ERROR_INPUT));
    ck_assert_msg(strstr(error->message, refusals[_i].error) != NULL,
                  "\"%s\" does not say \"%s\"", error->message,
                  refusals[_i].error);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(hs_report_load("/nonexistent/result.json", &error));
    ck_assert_str_eq(error->message, "/nonexistent/result.json: no such file");
}
END_TEST

/* Charts */

static const struct {
    double span;
    unsigned count;
    double step;
} steps[] = {{300, 6, 50}, {1, 4, 0.5},      {7200, 6, 2000}, {2.4, 6, 0.5},
             {60, 6, 10},  {0.01, 5, 0.002}, {1000, 4, 500}};

START_TEST(steps_are_round)
{
    ck_assert_double_eq_tol(hs_chart_step(steps[_i].span, steps[_i].count),
                            steps[_i].step, steps[_i].step * 1e-9);
}
END_TEST

START_TEST(places_are_per_cent)
{
    char text[HS_PLACE_TEXT];

    ck_assert_str_eq(hs_chart_place(5, 0, 20, text), "25%");
    ck_assert_str_eq(hs_chart_place(1, 0, 3, text), "33.333%");
    ck_assert_str_eq(hs_chart_place(-1, 0, 3, text), "0%");
    ck_assert_str_eq(hs_chart_place(9, 0, 3, text), "100%");
    ck_assert_str_eq(hs_chart_place(1, 1, 1, text), "0%");
    ck_assert_str_eq(hs_chart_number(-1e-17, 2, text), "0");
    ck_assert_str_eq(hs_chart_number(1200, 0, text), "1200");
}
END_TEST

/* A gap interrupts the line, and a point between two gaps is a dash. */
START_TEST(lines_have_gaps)
{
    g_autoptr(HsChart) chart = hs_chart_new("id", "Title");
    HsChartLine *line = hs_chart_line(chart, 2, "%s", "name");
    const double y[] = {0, 50, NAN, 100, NAN, 25};
    HsHtml *html = hs_html_new();
    GString *out;

    chart->summary = g_strdup("Summary.");
    chart->x_max = 5;
    for (unsigned i = 0; i < G_N_ELEMENTS(y); i++)
        hs_chart_point(line, i, y[i]);
    hs_chart_draw(chart, html);
    out = hs_html_finish(html);
    ck_assert_ptr_nonnull(
        strstr(out->str, "d=\"M0 1000h.1L200 500M600 0h.1M1000 750h.1\""));
    ck_assert_ptr_nonnull(strstr(out->str, "aria-label=\"Title. Summary.\""));
    g_string_free(out, TRUE);
}
END_TEST

START_TEST(numbers_read_well)
{
    char text[HS_NUMBER_TEXT];

    ck_assert_str_eq(hs_seconds_text(1553.248, text), "1.553\u00a0s");
    ck_assert_str_eq(hs_seconds_text(90000, text), "90.000\u00a0s");
    ck_assert_str_eq(hs_seconds_text(NAN, text), "-");
    ck_assert_str_eq(hs_bytes_text(999, text), "999\u00a0B");
    ck_assert_str_eq(hs_bytes_text(48065408, text), "48.1\u00a0MB");
    ck_assert_str_eq(hs_count_text(1224460, text), "1\u202f224\u202f460");
    ck_assert_str_eq(hs_count_text(0, text), "0");
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *html = tcase_create("html"), *chart = tcase_create("chart");
    TCase *page = tcase_create("page"), *errors = tcase_create("errors");

    tcase_add_loop_test(html, escapes_text, 0, G_N_ELEMENTS(escapes));
    tcase_add_test(html, escapes_attributes_and_cells);
    tcase_add_loop_test(chart, steps_are_round, 0, G_N_ELEMENTS(steps));
    tcase_add_test(chart, places_are_per_cent);
    tcase_add_test(chart, lines_have_gaps);
    tcase_add_test(chart, numbers_read_well);
    tcase_add_test(page, hostile_names_are_harmless);
    tcase_add_test(page, the_least_result_is_a_page);
    tcase_add_test(page, series_without_numbers_are_a_page);
    tcase_add_test(page, monitoring_tells_when_and_never);
    tcase_add_test(page, advice_says_what_and_by_how_much);
    tcase_add_test(page, a_comparison_names_its_runs);
    tcase_add_test(page, the_same_result_gives_the_same_bytes);
    tcase_add_test(page, without_dot_there_is_a_list);
    tcase_add_loop_test(errors, refuses, 0, G_N_ELEMENTS(refusals));
    tcase_add_test(errors, a_file_that_is_not_there_is_named);
    suite_add_tcase(suite, html);
    suite_add_tcase(suite, chart);
    suite_add_tcase(suite, page);
    suite_add_tcase(suite, errors);
    return suite;
}

int
main(void)
{
    return run_suite(make_suite());
}
