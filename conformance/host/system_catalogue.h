/* The Winsock catalogue of the system, as it is installed. Nothing is loaded because of
 * it; what a provider under test sees is the catalogue in catalogue.h. */
#ifndef WSPCHECK_SYSTEM_CATALOGUE_H
#define WSPCHECK_SYSTEM_CATALOGUE_H

#include "text.h"
#include "win.h"

#include <stdbool.h>

/* Called with each entry, in the system's order. `path` is that of the provider's DLL,
 * with its environment strings expanded; empty where the system does not tell, as Wine
 * 8.0 does not. */
typedef void (*system_entry)(const WSAPROTOCOL_INFOW *info, const wchar_t *path);

/* false with a sentence in `why`: the system does not list its entries. */
bool system_catalogue_each(system_entry found, struct text *why);

#endif
