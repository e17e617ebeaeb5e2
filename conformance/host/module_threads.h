/* Threads that a DLL has started, and whether they outlive it. */
#ifndef WSPCHECK_MODULE_THREADS_H
#define WSPCHECK_MODULE_THREADS_H

#include <stdbool.h>

#include "text.h"
#include "win.h"

/* Bytes that the module takes in memory. */
size_t module_size(HMODULE module);

/* Before the module is freed: which threads of the process began in it. */
void module_threads_note(HMODULE module);
/* Afterwards. false, with a sentence: its code is gone, and one of them still runs. */
bool module_threads_ended(HMODULE module, struct text *why);

#endif
