/* The calling convention where the provider calls its host: the functions that it is
 * given look how they are called before they do what they are for. */
#ifndef WSPCHECK_CALLBACK_H
#define WSPCHECK_CALLBACK_H

#include "win.h"

/* Each gives what is handed to the provider in the place of `function`. If that is
 * called with a stack that is not aligned (x64) or with the direction flag set, this is
 * mended and callback_broken told, once a case. */
const WSPUPCALLTABLE *callback_upcalls(const WSPUPCALLTABLE *table);
LPCONDITIONPROC callback_condition(LPCONDITIONPROC function);
LPBLOCKINGCALLBACK callback_blocking(LPBLOCKINGCALLBACK function);
LPWSAOVERLAPPED_COMPLETION_ROUTINE
callback_completion(LPWSAOVERLAPPED_COMPLETION_ROUTINE function);

/* In the place of upcall_complete_overlapped_request. */
int WSPAPI callback_complete_overlapped_request(
    SOCKET s,
    LPWSAOVERLAPPED overlapped,
    DWORD error,
    DWORD bytes,
    LPINT lpErrno) __asm__("callback_complete_overlapped_request");

/* Another case begins. */
void callback_reset(void);

/* `how` it was called, in words; to be provided by the harness. */
void callback_broken(const char *callback, const char *how);

#endif
