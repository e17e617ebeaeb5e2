/* The extension function WSARecvMsg. */
#ifndef WSPREF_MESSAGE_H
#define WSPREF_MESSAGE_H

#include "win.h"

int WSAAPI receive_message(SOCKET s,
                           WSAMSG *message,
                           DWORD *received,
                           WSAOVERLAPPED *overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

#endif
