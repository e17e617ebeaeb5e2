/* Patterns of case ids. */
#ifndef WSPCHECK_GLOB_H
#define WSPCHECK_GLOB_H

#include <stdbool.h>

/* Whether the whole of `name` matches: `*` is any text, `?` any one byte, all else is
 * itself. */
bool glob_matches(const char *pattern, const char *name);

#endif
