#include "config.h"

#include "sim/check/files.h"

#include <stdbool.h>
#include <string.h>

static void
name_free(void *data)
{
    HsCiFileName *name = data;

    g_free(name->path);
    g_free(name->name);
    g_free(name);
}

static void
add(GPtrArray *files, const char *path)
{
    HsCiFileName *name = g_new0(HsCiFileName, 1);

    name->path = g_strdup(path);
    g_ptr_array_add(files, name);
}

static int
compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
add_folder(GPtrArray *files, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    const char *entry;

    if (dir == NULL)
        return false;
    while ((entry = g_dir_read_name(dir)) != NULL)
        if (entry[0] != '.')
            g_ptr_array_add(names, g_build_filename(folder, entry, NULL));
    g_ptr_array_sort(names, compare_text);
    for (guint i = 0; i < names->len; i++) {
        const char *path = names->pdata[i];

        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK) &&
                !add_folder(files, path, error))
                return false;
        } else if (g_str_has_suffix(path, ".ini")) {
            add(files, path);
        }
    }
    return true;
}

/* Without ".ini". */
static char *
bare(const char *path)
{
    return g_str_has_suffix(path, ".ini") ? g_strndup(path, strlen(path) - 4)
                                          : g_strdup(path);
}

static char *
base_of(const HsCiFileName *file)
{
    g_autofree char *base = g_path_get_basename(file->path);

    return bare(base);
}

static bool
is_alone(GPtrArray *files, guint index)
{
    g_autofree char *own = base_of(files->pdata[index]);

    for (guint i = 0; i < files->len; i++) {
        g_autofree char *other = base_of(files->pdata[i]);

        if (i != index && g_str_equal(own, other))
            return false;
    }
    return true;
}

char *
hs_ci_path_from_here(const char *path)
{
    g_autofree char *here = g_get_current_dir();
    g_autofree char *whole = g_canonicalize_filename(path, here);
    size_t length = strlen(here);

    if (g_str_has_prefix(whole, here) && whole[length] == '/')
        return g_strdup(whole + length + 1);
    return g_strdup(whole + 1);
}

static void
give_names(GPtrArray *files)
{
    for (guint i = 0; i < files->len; i++) {
        HsCiFileName *file = files->pdata[i];
        g_autofree char *path = hs_ci_path_from_here(file->path);

        file->name = is_alone(files, i) ? base_of(file) : bare(path);
    }
}

static void
drop_doubles(GPtrArray *files)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < files->len;) {
        const HsCiFileName *file = files->pdata[i];

        if (g_hash_table_add(seen, g_canonicalize_filename(file->path, NULL)))
            i++;
        else
            g_ptr_array_remove_index(files, i);
    }
}

GPtrArray *
hs_ci_files(char *const *words, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(name_free);

    for (; *words != NULL; words++) {
        guint before = files->len;

        if (!g_file_test(*words, G_FILE_TEST_IS_DIR)) {
            add(files, *words);
            continue;
        }
        if (!add_folder(files, *words, error))
            return NULL;
        if (files->len == before) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                        "%s: there is no *.ini below this folder", *words);
            return NULL;
        }
    }
    drop_doubles(files);
    give_names(files);
    return g_steal_pointer(&files);
}
