/* The one place where Windows headers are included, in the order they need. Nothing
 * newer than Windows 2000 may be called (RD-31); mswsock.h hides two function types
 * below 0x0501, hence the number. */
#ifndef WSPREF_WIN_H
#define WSPREF_WIN_H

#ifndef WINVER
#define WINVER 0x0501
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0501
#endif
#define WIN32_LEAN_AND_MEAN

/* clang-format off */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <windows.h>
/* clang-format on */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#endif
