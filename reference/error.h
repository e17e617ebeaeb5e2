/* The one way to fail: return fail(lpErrno, WSAE...). The code is written on failure
 * only (RD-3), and a caller that does not want it may pass NULL. */
#ifndef WSPREF_ERROR_H
#define WSPREF_ERROR_H

#include "win.h"

static inline int fail(LPINT lpErrno, int error)
{
    if (lpErrno)
        *lpErrno = error;
    return SOCKET_ERROR;
}

/* The same for functions that return a descriptor. */
static inline SOCKET fail_socket(LPINT lpErrno, int error)
{
    fail(lpErrno, error);
    return INVALID_SOCKET;
}

/* The same for functions that return a BOOL. */
static inline BOOL fail_bool(LPINT lpErrno, int error)
{
    fail(lpErrno, error);
    return FALSE;
}

/* The end of an entry point: 0, or the failure. */
static inline int finish(LPINT lpErrno, int error)
{
    return error ? fail(lpErrno, error) : 0;
}

#endif
