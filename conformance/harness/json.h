/* JSON, written piece by piece. */
#ifndef WSPCHECK_JSON_H
#define WSPCHECK_JSON_H

#include "text.h"

/* A quoted string. Bytes that are not UTF-8 become U+FFFD. */
void json_string(struct text *out, const char *value);

/* `, "key": ` without the comma at the start of an object. */
void json_key(struct text *out, const char *key);
void json_member(struct text *out, const char *key, const char *value);
void json_number(struct text *out, const char *key, double value);

/* `"key": ["a", "b"]` from words separated by spaces. */
void json_words(struct text *out, const char *key, const char *words);

#endif
