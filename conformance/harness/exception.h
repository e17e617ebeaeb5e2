/* An exception that nobody handled, in words. */
#ifndef WSPCHECK_EXCEPTION_H
#define WSPCHECK_EXCEPTION_H

#include "text.h"
#include "win.h"

struct crash {
    DWORD thread;
    DWORD code;
    ULONG_PTR information[2];
    DWORD information_count;
    const void *address;
    char module[64]; /* file name; "": the address is in none */
    size_t offset;   /* in the module */
    char stub[128];  /* the function that Wine lacks */
};

/* Once, before anything goes wrong. */
void crash_prepare(void);

/* To be called on the thread that raised it; needs hardly any stack. */
void crash_read(struct crash *crash, const EXCEPTION_POINTERS *pointers);
/* Adds the module; on any one thread, whatever locks others hold. */
void crash_find_module(struct crash *crash);

/* "access violation (0xC0000005) writing to address 0x0 at some.dll+0x1460" */
void crash_describe(const struct crash *crash, struct text *out);

#endif
