/* What a loaded module imports. */
#ifndef WSPCHECK_IMPORT_TABLE_H
#define WSPCHECK_IMPORT_TABLE_H

#include <stdbool.h>

#include "win.h"

struct import {
    const char *dll;
    const char *name; /* NULL: by ordinal, or not known (bound by an old linker) */
    WORD ordinal;     /* 0: by name, or not known */
    FARPROC *slot;    /* delayed: it may still lead to the code that loads */
};

/* Calls `visit` for each import, delayed ones included. */
void import_table_each(HMODULE module, void (*visit)(const struct import *import));

#endif
