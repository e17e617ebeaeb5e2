#include "json.h"

#include <string.h>

/* Length of the UTF-8 sequence at `at`, 0 if it is none. Overlong forms and surrogates
 * are none. */
static size_t sequence_length(const unsigned char *at)
{
    static const struct {
        unsigned char first, last; /* of the leading byte */
        unsigned char low, high;   /* of the second byte */
        size_t length;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2},
        {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3},
        {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4},
        {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; ++i) {
        size_t n = 2;

        if (at[0] < forms[i].first || at[0] > forms[i].last)
            continue;
        if (at[1] < forms[i].low || at[1] > forms[i].high)
            return 0;
        while (n < forms[i].length && at[n] >= 0x80 && at[n] <= 0xBF)
            ++n;
        return n == forms[i].length ? n : 0;
    }
    return 0;
}

static void add_control(struct text *out, unsigned char byte)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    if (byte < sizeof letters && letters[byte])
        text_add(out, "\\%c", letters[byte]);
    else
        text_add(out, "\\u%04x", byte);
}

void json_string(struct text *out, const char *value)
{
    const unsigned char *at = (const unsigned char *)value;

    text_add_byte(out, '"');
    while (*at) {
        if (*at < 0x20 || *at == 0x7F) {
            add_control(out, *at++);
        } else if (*at < 0x80) {
            if (*at == '"' || *at == '\\')
                text_add_byte(out, '\\');
            text_add_byte(out, (char)*at++);
        } else {
            size_t length = sequence_length(at);

            if (length)
                text_add(out, "%.*s", (int)length, (const char *)at);
            else
                text_add(out, "\\ufffd");
            at += length ? length : 1;
        }
    }
    text_add_byte(out, '"');
}

void json_key(struct text *out, const char *key)
{
    if (out->size && !strchr("{[,", out->start[out->size - 1]))
        text_add_byte(out, ',');
    json_string(out, key);
    text_add_byte(out, ':');
}

void json_member(struct text *out, const char *key, const char *value)
{
    json_key(out, key);
    json_string(out, value);
}

void json_number(struct text *out, const char *key, double value)
{
    json_key(out, key);
    text_add(out, "%.10g", value);
}

void json_words(struct text *out, const char *key, const char *words)
{
    json_key(out, key);
    text_add_byte(out, '[');
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        char word[64];

        if (length && length < sizeof word) {
            memcpy(word, at, length);
            word[length] = '\0';
            if (out->start[out->size - 1] != '[')
                text_add_byte(out, ',');
            json_string(out, word);
        }
        at += length;
        at += strspn(at, " ");
    }
    text_add_byte(out, ']');
}
