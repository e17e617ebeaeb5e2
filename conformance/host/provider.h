/* The provider under test as a DLL. */
#ifndef WSPCHECK_PROVIDER_H
#define WSPCHECK_PROVIDER_H

#include "entry.h"

/* Loads the DLL and finds its WSPStartup; false with a sentence in `why`. */
bool provider_load(const wchar_t *path, struct text *why);

/* WSPStartup for this entry with a table that is poisoned first. 0 or the error that it
 * returned. */
int provider_startup(const struct entry *entry,
                     WORD version,
                     WSPDATA *data,
                     WSPPROC_TABLE *table);

/* Whether all 30 slots hold something; else a sentence that names the others. */
bool provider_table_complete(const WSPPROC_TABLE *table, struct text *why);

/* Starts an entry for the whole batch with version 2.2; false with a sentence. */
bool provider_start_entry(struct entry *entry, struct text *why);

/* Whether what ended loading or start was the provider's fault, or an empty slot. */
bool provider_went_wrong(void);

/* WSPCleanup; `when` is what provider_phase says meanwhile. */
void provider_cleanup(WSPPROC_TABLE *table, const char *when);

/* WSPCleanup for each started entry, then the DLL is freed. false with a sentence: it
 * went wrong there, or has left something behind. */
bool provider_unload(struct entry *entries, size_t count, struct text *why);

/* What the host is doing with the DLL as a whole, for the report of a crash; NULL:
 * nothing. */
const char *provider_phase(void);

#endif
