/* The lower layer: the function table of another provider, through which this one
 * reaches the network. It is private to this provider, so it is started as a client
 * starts a provider, with upcalls of its own. */
#ifndef WSPREF_LOWER_H
#define WSPREF_LOWER_H

#include "win.h"

/* Valid between lower_load and lower_unload. */
extern WSPPROC_TABLE lower;

/* Loads the provider that the environment variable WSPREF_LOWER names, by default
 * wsbridge.dll of this DLL's own folder, and starts it for `entry` (may be NULL).
 * Returns 0 or WSASYSNOTREADY. */
int lower_load(const WSAPROTOCOL_INFOW *entry);
/* Ends and unloads it. Its sockets must be closed. */
void lower_unload(void);

/* `entry` as the lower provider knows it: its descriptors are handles. */
WSAPROTOCOL_INFOW lower_entry(const WSAPROTOCOL_INFOW *entry);

/* Short forms of calls that are made in several places; each returns 0 or the code. */

int lower_set_nonblocking(SOCKET s);
/* Lets a close reset the connection instead of ending it gracefully. */
int lower_set_hard_close(SOCKET s);
void lower_close(SOCKET s);
/* Which of `mask` (FD_READ: readable, FD_WRITE: writable, FD_OOB: exceptional) hold. */
long lower_poll(SOCKET s, long mask);

#endif
