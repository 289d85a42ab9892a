#include "config.h"

#include "sim/dissect/field.h"

#include <string.h>

#define TEXT_MOST 64 /* bytes of one field in the text; JSON has them all */

typedef enum {
    FIELD_GROUP,
    FIELD_LIST,
    FIELD_NUMBER,
    FIELD_FLAG,
    FIELD_TEXT,
    FIELD_BYTES, /* text of hexadecimal digits */
} Kind;

struct DissectField {
    const char *name; /* literal; NULL for the root and members of lists */
    Kind kind;
    uint64_t number;
    char *text;          /* owned; the meaning of a number */
    GPtrArray *children; /* owned; NULL: none */
};

DissectField *
dissect_field_new(void)
{
    return g_new0(DissectField, 1);
}

void
dissect_field_free(DissectField *field)
{
    if (field == NULL)
        return;
    g_clear_pointer(&field->children, g_ptr_array_unref);
    g_free(field->text);
    g_free(field);
}

static DissectField *
add(DissectField *parent, const char *name, Kind kind)
{
    DissectField *field;

    if (parent == NULL)
        return NULL;
    if (parent->children == NULL)
        parent->children =
            g_ptr_array_new_with_free_func((GDestroyNotify)dissect_field_free);
    field = g_new0(DissectField, 1);
    field->name = name;
    field->kind = kind;
    g_ptr_array_add(parent->children, field);
    return field;
}

DissectField *
dissect_group(DissectField *parent, const char *name)
{
    return add(parent, name, FIELD_GROUP);
}

DissectField *
dissect_list(DissectField *parent, const char *name)
{
    return add(parent, name, FIELD_LIST);
}

void
dissect_number(DissectField *parent, const char *name, uint64_t value,
               const char *meaning)
{
    DissectField *field = add(parent, name, FIELD_NUMBER);

    if (field == NULL)
        return;
    field->number = value;
    field->text = g_strdup(meaning);
}

void
dissect_hex(DissectField *parent, const char *name, uint64_t value, int digits)
{
    dissect_textf(parent, name, "0x%0*" G_GINT64_MODIFIER "x", digits, value);
}

void
dissect_flag(DissectField *parent, const char *name, bool value)
{
    DissectField *field = add(parent, name, FIELD_FLAG);

    if (field != NULL)
        field->number = value;
}

void
dissect_text(DissectField *parent, const char *name, const char *text)
{
    DissectField *field = add(parent, name, FIELD_TEXT);

    if (field != NULL)
        field->text = g_strdup(text);
}

void
dissect_textf(DissectField *parent, const char *name, const char *format, ...)
{
    DissectField *field = add(parent, name, FIELD_TEXT);
    va_list arguments;

    if (field == NULL)
        return;
    va_start(arguments, format);
    field->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

void
dissect_string(DissectField *parent, const char *name, const void *data,
               size_t length)
{
    g_autofree char *valid = NULL;
    GString *escaped;

    if (parent == NULL)
        return;
    valid = g_utf8_make_valid(length > 0 ? data : "", (gssize)length);
    escaped = g_string_new(NULL);
    for (char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (g_unichar_isprint(c))
            g_string_append_unichar(escaped, c);
        else
            g_string_append_printf(escaped, "\\u%04x", c);
    }
    dissect_text(parent, name, escaped->str);
    g_string_free(escaped, TRUE);
}

void
dissect_bytes(DissectField *parent, const char *name, const void *data,
              size_t length)
{
    static const char digits[] = "0123456789abcdef";
    DissectField *field = add(parent, name, FIELD_BYTES);
    const uint8_t *bytes = data;

    if (field == NULL)
        return;
    field->text = g_malloc(length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        field->text[2 * i] = digits[bytes[i] >> 4];
        field->text[2 * i + 1] = digits[bytes[i] & 15];
    }
    field->text[length * 2] = '\0';
}

void
dissect_addr(DissectField *parent, const char *name, const HsAddr *addr)
{
    char text[HS_ADDR_TEXT];

    if (parent != NULL)
        dissect_text(parent, name, hs_addr_format(addr, text));
}

/* Text */

static void
append_value(const DissectField *field, GString *text)
{
    size_t length;

    switch (field->kind) {
    case FIELD_GROUP:
    case FIELD_LIST:
        break;
    case FIELD_NUMBER:
        g_string_append_printf(text, "%" G_GUINT64_FORMAT, field->number);
        if (field->text != NULL)
            g_string_append_printf(text, " (%s)", field->text);
        break;
    case FIELD_FLAG:
        g_string_append(text, field->number != 0 ? "yes" : "no");
        break;
    case FIELD_TEXT:
        g_string_append(text, field->text);
        break;
    case FIELD_BYTES:
        length = strlen(field->text);
        g_string_append_len(text, field->text,
                            (gssize)MIN(length, 2 * (size_t)TEXT_MOST));
        if (length > 2 * (size_t)TEXT_MOST)
            g_string_append_printf(text, "... (%" G_GSIZE_FORMAT " bytes)",
                                   length / 2);
        break;
    }
}

static bool
has_groups(const DissectField *list)
{
    for (guint i = 0; list->children != NULL && i < list->children->len; i++) {
        const DissectField *child = list->children->pdata[i];

        if (child->kind == FIELD_GROUP || child->kind == FIELD_LIST)
            return true;
    }
    return false;
}

static void
append_members(const DissectField *list, GString *text)
{
    for (guint i = 0; list->children != NULL && i < list->children->len; i++) {
        if (i > 0)
            g_string_append_c(text, ' ');
        append_value(list->children->pdata[i], text);
    }
}

void
dissect_field_text(const DissectField *field, unsigned indent, GString *text)
{
    for (guint i = 0; field->children != NULL && i < field->children->len;
         i++) {
        const DissectField *child = field->children->pdata[i];
        bool deep = child->kind == FIELD_GROUP ||
                    (child->kind == FIELD_LIST && has_groups(child));

        g_string_append_printf(text, "%*s%s", (int)indent, "",
                               child->name != NULL ? child->name : "-");
        if (!deep) {
            g_string_append(text, ": ");
            if (child->kind == FIELD_LIST)
                append_members(child, text);
            else
                append_value(child, text);
        }
        g_string_append_c(text, '\n');
        if (deep)
            dissect_field_text(child, indent + 2, text);
    }
}

/* JSON */

void
dissect_json_string(const char *text, GString *json)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    g_string_append_c(json, '"');
    for (const char *at = valid; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (c == '"' || c == '\\')
            g_string_append_printf(json, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            g_string_append_printf(json, "\\u%04x", c);
        else
            g_string_append_c(json, (char)c);
    }
    g_string_append_c(json, '"');
}

static void
append_json(const DissectField *field, GString *json)
{
    switch (field->kind) {
    case FIELD_GROUP:
    case FIELD_LIST:
        dissect_field_json(field, json);
        break;
    case FIELD_NUMBER:
        g_string_append_printf(json, "%" G_GUINT64_FORMAT, field->number);
        break;
    case FIELD_FLAG:
        g_string_append(json, field->number != 0 ? "true" : "false");
        break;
    case FIELD_TEXT:
    case FIELD_BYTES:
        dissect_json_string(field->text, json);
        break;
    }
}

void
dissect_field_json(const DissectField *field, GString *json)
{
    bool list = field->kind == FIELD_LIST;

    g_string_append_c(json, list ? '[' : '{');
    for (guint i = 0; field->children != NULL && i < field->children->len;
         i++) {
        const DissectField *child = field->children->pdata[i];

        if (i > 0)
            g_string_append_c(json, ',');
        if (!list) {
            dissect_json_string(child->name, json);
            g_string_append_c(json, ':');
        }
        append_json(child, json);
    }
    g_string_append_c(json, list ? ']' : '}');
}
