#include "config.h"

#include "sim/scenario/complaint.h"

#include <string.h>

typedef struct {
    unsigned line;  /* G_MAXUINT for an override: those come last */
    unsigned order; /* of complaint, to keep the sort stable */
    char *text;     /* owned */
} Line;

static void
line_free(void *data)
{
    Line *line = data;

    g_free(line->text);
    g_free(line);
}

void
hs_complaints_init(HsComplaints *c, const char *path)
{
    c->path = g_strdup(path);
    c->lines = g_ptr_array_new_with_free_func(line_free);
}

void
hs_complaints_clear(HsComplaints *c)
{
    g_clear_pointer(&c->path, g_free);
    g_clear_pointer(&c->lines, g_ptr_array_unref);
}

void
hs_complain(HsComplaints *c, HsPlace place, const char *group, const char *key,
            const char *format, ...)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Line *line = g_new0(Line, 1);
    va_list arguments;

    if (place.set != NULL)
        g_string_append_printf(text, "--set \"%s\": ", place.set);
    else if (place.line != 0)
        g_string_append_printf(text, "%s:%u: ", c->path, place.line);
    else
        g_string_append_printf(text, "%s: ", c->path);
    if (group != NULL)
        g_string_append_printf(text, "[%s]%s", group, key != NULL ? " " : ": ");
    if (key != NULL)
        g_string_append_printf(text, "%s: ", key);
    va_start(arguments, format);
    g_string_append_vprintf(text, format, arguments);
    va_end(arguments);

    line->line = place.set != NULL ? G_MAXUINT : place.line;
    line->order = c->lines->len;
    line->text = g_strdup(text->str);
    g_ptr_array_add(c->lines, line);
}

static int
by_place(const void *a, const void *b)
{
    const Line *x = *(Line *const *)a, *y = *(Line *const *)b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

char *
hs_complaints_text(const HsComplaints *c)
{
    GString *text = g_string_new(NULL);

    g_ptr_array_sort(c->lines, by_place);
    for (unsigned i = 0; i < c->lines->len && i < HS_COMPLAINTS_SHOWN; i++) {
        const Line *line = c->lines->pdata[i];

        g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "", line->text);
    }
    if (c->lines->len > HS_COMPLAINTS_SHOWN)
        g_string_append_printf(text, "\n%s: and %u more", c->path,
                               c->lines->len - HS_COMPLAINTS_SHOWN);
    return g_string_free(text, FALSE);
}

/* Words longer than this are not compared: the cost is quadratic, and nobody
 * misspells a key into a paragraph. */
#define WORD_MAX 40

/* Edit distance where swapping two neighbours costs one, as mistyping does;
 * case does not count. */
static unsigned
distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned d[WORD_MAX + 1][WORD_MAX + 1];

    if (n > WORD_MAX || m > WORD_MAX)
        return G_MAXUINT;
    for (unsigned i = 0; i <= n; i++)
        d[i][0] = i;
    for (unsigned j = 0; j <= m; j++)
        d[0][j] = j;
    for (unsigned i = 1; i <= n; i++) {
        for (unsigned j = 1; j <= m; j++) {
            char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
            unsigned best = d[i - 1][j - 1] + (x != y);

            best = MIN(best, d[i - 1][j] + 1);
            best = MIN(best, d[i][j - 1] + 1);
            if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) &&
                y == g_ascii_tolower(a[i - 2]))
                best = MIN(best, d[i - 2][j - 2] + 1);
            d[i][j] = best;
        }
    }
    return d[n][m];
}

const char *
hs_nearest(const char *word, const GPtrArray *candidates)
{
    /* One slip in a short word, about one in three letters of a long one. */
    size_t limit = MAX(1, strlen(word) / 3);
    unsigned best = G_MAXUINT;
    const char *nearest = NULL;

    if (word[strspn(word, "0123456789")] == '\0')
        return NULL; /* no number is a slip of another */
    for (unsigned i = 0; i < candidates->len; i++) {
        unsigned d = distance(word, candidates->pdata[i]);

        if (d < best && d <= limit) {
            best = d;
            nearest = candidates->pdata[i];
        }
    }
    return nearest;
}

/* "encryption" for "ike.encryption": the first such. */
static const char *
longer(const char *word, const GPtrArray *candidates)
{
    g_autofree char *end = g_strconcat(".", word, NULL);

    for (unsigned i = 0; i < candidates->len; i++)
        if (g_str_has_suffix(candidates->pdata[i], end))
            return candidates->pdata[i];
    return NULL;
}

/* More of them are not listed: who reads 50 keys to find a typing error? */
#define LISTED_MAX 24
#define NEAREST    4

static int
by_distance(const void *a, const void *b, void *user_data)
{
    const char *word = *(const char *const *)user_data;
    unsigned x = distance(word, *(char *const *)a);
    unsigned y = distance(word, *(char *const *)b);

    return x < y ? -1 : x > y;
}

/* The few that are least unlike it. Stable, so that equals keep their order. */
static void
list_nearest(GString *text, const char *word, const GPtrArray *candidates)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();

    for (unsigned i = 0; i < candidates->len; i++)
        g_ptr_array_add(sorted, candidates->pdata[i]);
    g_ptr_array_sort_with_data(sorted, by_distance, &word);
    g_string_append(text, "; nearest are ");
    for (unsigned i = 0; i < NEAREST; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (const char *)sorted->pdata[i]);
    g_string_append(text, "; scenarios/README.md has all");
}

void
hs_suggest(GString *text, const char *word, const GPtrArray *candidates)
{
    const char *nearest = longer(word, candidates);

    if (nearest == NULL)
        nearest = hs_nearest(word, candidates);
    if (nearest != NULL) {
        g_string_append_printf(text, "; did you mean \"%s\"?", nearest);
    } else if (candidates->len > LISTED_MAX) {
        list_nearest(text, word, candidates);
    } else if (candidates->len > 0) {
        g_string_append(text, candidates->len > 1 ? "; expected one of "
                                                  : "; expected ");
        for (unsigned i = 0; i < candidates->len; i++)
            g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                                   (const char *)candidates->pdata[i]);
    }
}
