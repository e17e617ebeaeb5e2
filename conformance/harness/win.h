/* The one place where Windows headers are included, in the order they need. */
#ifndef WSPCHECK_WIN_H
#define WSPCHECK_WIN_H

#ifndef WINVER
#define WINVER 0x0601
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
#define WIN32_LEAN_AND_MEAN

/* clang-format off */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <windows.h>
/* clang-format on */

#endif
