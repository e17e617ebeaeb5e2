/* The extension functions ConnectEx and DisconnectEx. */
#ifndef WSPREF_CONNECT_EX_H
#define WSPREF_CONNECT_EX_H

#include "win.h"

BOOL WINAPI connect_ex(SOCKET s,
                       const struct sockaddr *name,
                       int length,
                       void *data,
                       DWORD data_length,
                       DWORD *sent,
                       OVERLAPPED *overlapped);
BOOL WINAPI disconnect_ex(SOCKET s,
                          OVERLAPPED *overlapped,
                          DWORD flags,
                          DWORD reserved);

#endif
