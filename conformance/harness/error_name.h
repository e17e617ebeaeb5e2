/* Names of Windows Sockets error codes. */
#ifndef WSPCHECK_ERROR_NAME_H
#define WSPCHECK_ERROR_NAME_H

/* "WSAEFAULT"; NULL for a number that is no documented code. */
const char *error_name(int error);

#endif
