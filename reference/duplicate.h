/* Descriptors for a socket that exists, here or in another process. */
#ifndef WSPREF_DUPLICATE_H
#define WSPREF_DUPLICATE_H

#include "win.h"

/* Whether the structure comes from WSPDuplicateSocket. */
bool duplicate_is_one(const WSAPROTOCOL_INFOW *info);
/* Opens its descriptor; 0 or the code. Works once for each structure. */
int duplicate_open(const WSAPROTOCOL_INFOW *info, DWORD flags, SOCKET *s);

/* Drops what was duplicated and never opened. */
void duplicate_clear(void);

/* For DllMain. */
void duplicate_initialize(void);
void duplicate_delete(void);

#endif
