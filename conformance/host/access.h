/* Whether memory can be accessed, found out without accessing it. */
#ifndef WSPCHECK_ACCESS_H
#define WSPCHECK_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

bool is_readable(const void *at, size_t size);
bool is_writable(const void *at, size_t size);

#endif
