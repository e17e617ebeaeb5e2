/* Whether memory that a client points at can be used, so that a bad pointer is refused
 * with WSAEFAULT and not followed (RD-29). */
#ifndef WSPREF_MEMORY_H
#define WSPREF_MEMORY_H

#include "win.h"

/* `size` bytes at `memory` can be read; for zero bytes always true. */
bool memory_readable(const void *memory, size_t size);
/* `size` bytes at `memory` can be written; for zero bytes always true. */
bool memory_writable(const void *memory, size_t size);

/* `size` zeroed bytes, or NULL; released by memory_free, which takes NULL too. */
void *memory_allocate(size_t size);
void memory_free(void *memory);

#endif
