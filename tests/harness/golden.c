#include "config.h"

#include "tests/harness/golden.h"

#include <check.h>
#include <math.h>
#include <string.h>

GArray *
golden_array(void)
{
    return g_array_new(FALSE, FALSE, sizeof(double));
}

void
golden_add(GArray *array, double value)
{
    g_array_append_val(array, value);
}

static void
add_line(GoldenFigures *f, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    unsigned side;

    if (words[0] == NULL || words[0][0] == '#')
        return;
    if (strcmp(words[0], "gap") == 0) {
        ck_assert_uint_eq(g_strv_length(words), 2);
        golden_add(f->gaps, g_ascii_strtod(words[1], NULL));
        return;
    }
    side = strcmp(words[0], "theirs") == 0 ? GOLDEN_THEIRS : GOLDEN_OURS;
    ck_assert(side == GOLDEN_THEIRS || strcmp(words[0], "ours") == 0);
    ck_assert_uint_eq(g_strv_length(words), 4);
    golden_add(f->negotiated[side], g_ascii_strtod(words[1], NULL));
    golden_add(f->detected[side], g_ascii_strtod(words[2], NULL));
    golden_add(f->phase[side], g_ascii_strtod(words[3], NULL));
}

GoldenFigures
golden_figures_read(const char *folder, const char *file)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "tests",
                                             "golden", folder, file, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GoldenFigures f = {.gaps = golden_array()};

    for (unsigned i = 0; i < 2; i++) {
        f.negotiated[i] = golden_array();
        f.detected[i] = golden_array();
        f.phase[i] = golden_array();
    }
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "no %s", path);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        add_line(&f, *line);
    return f;
}

void
golden_figures_clear(GoldenFigures *figures)
{
    g_array_unref(figures->gaps);
    for (unsigned i = 0; i < 2; i++) {
        g_array_unref(figures->negotiated[i]);
        g_array_unref(figures->detected[i]);
        g_array_unref(figures->phase[i]);
    }
}

void
golden_to_grains(GArray *array, double grain)
{
    for (guint i = 0; i < array->len; i++) {
        double *value = &g_array_index(array, double, i);

        *value = round(*value / grain);
    }
}
