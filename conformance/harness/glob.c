#include "glob.h"

#include <stddef.h>

bool glob_matches(const char *pattern, const char *name)
{
    const char *star = NULL; /* behind the last `*` */
    const char *resume = NULL;

    while (*name) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = name;
        } else if (*pattern == '?' || *pattern == *name) {
            ++pattern;
            ++name;
        } else if (star) {
            /* Let the last star take one byte more. */
            pattern = star;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        ++pattern;
    return !*pattern;
}
