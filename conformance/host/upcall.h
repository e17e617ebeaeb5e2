/* The host's side of the SPI: the functions of WSPUPCALLTABLE. */
#ifndef WSPCHECK_UPCALL_H
#define WSPCHECK_UPCALL_H

#include "win.h"

enum upcall {
    UPCALL_CLOSE_EVENT,
    UPCALL_CLOSE_SOCKET_HANDLE,
    UPCALL_CREATE_EVENT,
    UPCALL_CREATE_SOCKET_HANDLE,
    UPCALL_FD_IS_SET,
    UPCALL_GET_PROVIDER_PATH,
    UPCALL_MODIFY_IFS_HANDLE,
    UPCALL_POST_MESSAGE,
    UPCALL_QUERY_BLOCKING_CALLBACK,
    UPCALL_QUERY_SOCKET_HANDLE_CONTEXT,
    UPCALL_QUEUE_APC,
    UPCALL_RESET_EVENT,
    UPCALL_SET_EVENT,
    UPCALL_OPEN_CURRENT_THREAD,
    UPCALL_CLOSE_THREAD,
    UPCALL_COMPLETE_OVERLAPPED_REQUEST, /* the export of ws2_32, redirected */
    UPCALL_COUNT
};

/* What the provider is given. */
const WSPUPCALLTABLE *upcall_table(void);

/* What the redirected export does, when it is called with the right convention. */
int WSPAPI upcall_complete_overlapped_request(
    SOCKET s, LPWSAOVERLAPPED overlapped, DWORD error, DWORD bytes, LPINT lpErrno);

/* "WPUCloseEvent" */
const char *upcall_name(enum upcall upcall);

/* Calls since the last reset. UPCALL_COUNT for a name that is none. */
enum upcall upcall_named(const char *name);
unsigned upcall_calls(enum upcall upcall);
void upcall_reset(void);

/* Threads that were opened by WPUOpenCurrentThread while they made a call of the suite
 * and are not closed, since the last reset. */
int upcall_open_threads(void);

#endif
