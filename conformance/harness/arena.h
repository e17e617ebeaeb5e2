/* Memory of the running case: released as a whole after it. */
#ifndef WSPCHECK_ARENA_H
#define WSPCHECK_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed and aligned for any type; never NULL. Callable from any thread. */
void *arena_memory(size_t size);
/* A formatted text. */
const char *arena_text_list(const char *format, va_list arguments);

/* Releases all; `keep` true leaks it instead, since somebody may still write there. */
void arena_reset(int keep);

#endif
