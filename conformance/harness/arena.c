#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "win.h"

/* Not of the heap, which a provider may damage: what a report says lies here. */
#define CHUNK_SIZE (65536 - sizeof(struct chunk))
#define ALIGNMENT 16

struct chunk {
    struct chunk *next;
    size_t used, size;
    char memory[] __attribute__((aligned(ALIGNMENT)));
};

static struct chunk *chunks;
static SRWLOCK lock = SRWLOCK_INIT;

static struct chunk *new_chunk(size_t size)
{
    struct chunk *chunk = VirtualAlloc(
        NULL, sizeof *chunk + size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    if (!chunk)
        abort();
    chunk->used = 0;
    chunk->size = size;
    return chunk;
}

void *arena_memory(size_t size)
{
    void *memory;

    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    AcquireSRWLockExclusive(&lock);
    if (!chunks || chunks->size - chunks->used < size) {
        struct chunk *chunk = new_chunk(size > CHUNK_SIZE ? size : CHUNK_SIZE);

        chunk->next = chunks;
        chunks = chunk;
    }
    memory = chunks->memory + chunks->used;
    chunks->used += size;
    ReleaseSRWLockExclusive(&lock);
    return memset(memory, 0, size);
}

const char *arena_text_list(const char *format, va_list arguments)
{
    char line[512];
    va_list again;
    int length;
    char *text;

    va_copy(again, arguments);
    length = vsnprintf(line, sizeof line, format, arguments);
    if (length < 0)
        length = 0;
    text = arena_memory((size_t)length + 1);
    if ((size_t)length < sizeof line)
        memcpy(text, line, (size_t)length);
    else
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void arena_reset(int keep)
{
    struct chunk *chunk = chunks;

    chunks = NULL;
    if (keep)
        return;
    while (chunk) {
        struct chunk *next = chunk->next;

        /* The last one serves the next case. */
        if (!next && chunk->size == CHUNK_SIZE) {
            chunk->used = 0;
            chunks = chunk;
            return;
        }
        VirtualFree(chunk, 0, MEM_RELEASE);
        chunk = next;
    }
}
