/* What the calls of the provider have in common. */
#ifndef WSPCHECK_CALL_H
#define WSPCHECK_CALL_H

#include "convention.h"
#include "spi_case.h"
#include "trace.h"

/* The provider's functions, by way of the check of their calling convention. */
static inline const WSPPROC_TABLE *functions_of(const struct spi_test *t)
{
    convention_target = t->table;
    return &convention_table;
}

/* A call that is being made: its line in the trace, and *lpErrno. */
struct spi_call {
    struct call call;
    int before[4]; /* canaries */
    int error;
    int behind[4];
};

/* *lpErrno is poisoned; the rest is the call's arguments as text. */
#define SPI_CALL_BEGIN(made, function, ...) \
    do { \
        spi_call_arm(made); \
        call_begin(&(made)->call, (function), __VA_ARGS__); \
    } while (0)

/* Poisons *lpErrno and sets what is around it. */
void spi_call_arm(struct spi_call *made);

/* The outcome of a function that returns 0 or SOCKET_ERROR. */
struct outcome spi_call_end(struct spi_call *made, int result);
/* The same with the bytes that were transferred and the flags. */
struct outcome
spi_call_end_bytes(struct spi_call *made, int result, DWORD bytes, DWORD flags);
struct outcome spi_call_end_socket(struct spi_call *made, SOCKET s);
struct outcome spi_call_end_bool(struct spi_call *made, BOOL result, DWORD bytes);

/* The arguments for the trace, in memory of the caller. */
struct argument {
    char text[96];
};

/* "len 16, buf 0x1234"; reads the structure only if it can be read. */
struct argument buffer_argument(const WSABUF *buffer);
/* "127.0.0.1:80" */
struct argument address_argument(const struct sockaddr *address, int length);

#endif
