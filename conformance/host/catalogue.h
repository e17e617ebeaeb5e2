/* The host's own Winsock catalogue. It lists the provider under test and what it is
 * layered over, and lives in this process only: nothing is installed. Whoever asks
 * WSCEnumProtocols or WSCGetProviderPath is answered from it. */
#ifndef WSPCHECK_CATALOGUE_H
#define WSPCHECK_CATALOGUE_H

#include "entry.h"

/* --- Before catalogue_build; each gives false with a sentence in `why` ------------ */

/* What the provider named last is layered over. The first call is about the provider
 * under test, so there is one more provider than there were calls. `path` is absolute
 * and must live on. */
bool catalogue_add_below(const wchar_t *path, struct text *why);

/* Whether there was such a call: guid and entries are about what is below, then. */
bool catalogue_has_below(void);

/* The ProviderId by which the layer named last knows its own hidden entry, as
 * "{01234567-...}". */
bool catalogue_set_guid(const char *guid, struct text *why);

/* An entry of the provider named last below the one under test, as entry_parse has it.
 * Without any it has those of what is layered over it. */
bool catalogue_add_entry(const char *spec, struct text *why);

/* Gives each entry what a catalogue gives it: id, ProviderId and chain; both must live
 * on. Entries of a layer belong to those of the same name below. */
bool catalogue_build(struct entry *entries,
                     size_t count,
                     const wchar_t *path,
                     struct text *why);

/* --- After it --------------------------------------------------------------------- */

/* The layer under test tells its ProviderId itself (GetLspGuid); no effect if
 * catalogue_set_guid was told, or for a base provider. */
void catalogue_identify(const GUID *provider);

/* Whether an entry has this id. */
bool catalogue_knows(DWORD id);

/* The DLL of a provider, NULL for one that is not listed. */
const wchar_t *catalogue_path(const GUID *provider);

/* Whether this is the DLL of a listed provider; `length` in characters. */
bool catalogue_has_path(const wchar_t *path, size_t length);

/* All entries, in the order in which WSCEnumProtocols gives them. */
const WSAPROTOCOL_INFOW *catalogue_entries(size_t *count);

/* The path of a DLL with its terminating NUL into `path`, which holds *length
 * characters; 0, WSAEINVAL or WSAEFAULT. *length becomes what is needed. */
int catalogue_copy_path(const GUID *provider, wchar_t *path, int *length);

#endif
