/* The catalogue entries that the client has handed over; kept once each, so that a
 * socket needs only a pointer. */
#ifndef WSPREF_CATALOGUE_H
#define WSPREF_CATALOGUE_H

#include "win.h"

/* The kept copy of an entry, made if it is new; NULL: no memory, or none of ours. */
const WSAPROTOCOL_INFOW *catalogue_keep(const WSAPROTOCOL_INFOW *entry);
/* A kept entry for the three, of which 0 fits any; NULL: none. */
const WSAPROTOCOL_INFOW *catalogue_find(int family, int type, int protocol);
void catalogue_clear(void);

/* For DllMain. */
void catalogue_initialize(void);
void catalogue_delete(void);

#endif
