/* WSPRecvDisconnect: its slot in the function table and what it returns. */
#include "spi_case.h"

/* RD-1: WSPStartup stores a pointer to code in the slot. */
SPI_CASE(slot_is_code, .id = "recv_disconnect.slot.is_code", .checks = "RD-1")
{
    void *function = (void *)t->table->lpWSPRecvDisconnect;
    const DWORD executable = PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE |
                             PAGE_EXECUTE_WRITECOPY;
    MEMORY_BASIC_INFORMATION memory = {0};

    VirtualQuery(function, &memory, sizeof memory);
    EXPECT_THAT(memory.State == MEM_COMMIT && (memory.Protect & executable),
                ("lpWSPRecvDisconnect points to code"),
                ("%p, memory of state 0x%lx and protection 0x%lx",
                 function,
                 memory.State,
                 memory.Protect));
}

/* RD-1: the function keeps to WSPAPI when it succeeds and when it fails. The harness
 * looks at the registers and the stack behind every call and tells what it finds. */
SPI_CASE(slot_calling_convention,
         .id = "recv_disconnect.slot.calling_convention",
         .checks = "RD-1",
         .arrange = connected_pair)
{
    recv_disconnect(t, NULL);
    SETUP(spi_close(t, t->s));
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENOTSOCK);
}

/* RD-2: success is the value 0, not just any value but SOCKET_ERROR. */
SPI_CASE(slot_success_is_zero,
         .id = "recv_disconnect.slot.success_is_zero",
         .checks = "RD-2",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    struct outcome o = recv_disconnect(t, NULL);

    EXPECT_SUCCEEDS(o);
    EXPECT_THAT(o.result == 0, ("0 returned"), ("%d returned", o.result));
}

static const struct failure {
    const char *name;
    bool closed; /* or else a connection-oriented socket that is not connected */
} failures[] = {
    {"closed_socket", .closed = true},
    {"unconnected_socket", .closed = false},
};

/* RD-3: failure is SOCKET_ERROR, and the code is written at every failure anew. */
SPI_TABLE(slot_failure_is_socket_error,
          struct failure,
          failures,
          .id = "recv_disconnect.slot.failure_is_socket_error",
          .checks = "RD-3",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = fresh_socket)
{
    if (row->closed)
        SETUP(spi_close(t, t->s));
    for (int call = 1; call <= 2; call++) {
        struct outcome o = recv_disconnect(t, NULL);

        EXPECT_THAT(o.result == SOCKET_ERROR,
                    ("call %d: SOCKET_ERROR (-1) returned", call),
                    ("call %d: %d returned", call, o.result));
        EXPECT_THAT(o.error != ERRNO_POISON && o.error != 0,
                    ("call %d: an error code in *lpErrno", call),
                    ("call %d: *lpErrno is %s", call, error_text(o.error)));
    }
}

SPI_SUITE(recv_disconnect_slot,
          &slot_is_code,
          &slot_calling_convention,
          &slot_success_is_zero,
          &slot_failure_is_socket_error);
