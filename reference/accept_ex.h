/* The extension functions AcceptEx and GetAcceptExSockaddrs. */
#ifndef WSPREF_ACCEPT_EX_H
#define WSPREF_ACCEPT_EX_H

#include "win.h"

BOOL WINAPI accept_ex(SOCKET listening,
                      SOCKET accepting,
                      void *output,
                      DWORD receive_length,
                      DWORD local_length,
                      DWORD remote_length,
                      DWORD *received,
                      OVERLAPPED *overlapped);
void WINAPI get_accept_ex_addresses(void *output,
                                    DWORD receive_length,
                                    DWORD local_length,
                                    DWORD remote_length,
                                    struct sockaddr **local,
                                    int *local_size,
                                    struct sockaddr **remote,
                                    int *remote_size);

#endif
