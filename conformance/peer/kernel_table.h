/* The kernel's table of sockets (/proc/net/tcp and its like), as a second witness. It
 * is there under Wine on Linux only. */
#ifndef WSPCHECK_KERNEL_TABLE_H
#define WSPCHECK_KERNEL_TABLE_H

#include "win.h"

#include <stdbool.h>
#include <stddef.h>

/* States of a TCP socket in the table. */
enum kernel_state { KERNEL_CLOSE_WAIT = 0x08, KERNEL_LISTEN = 0x0A };

/* Timers of a TCP socket in the table; others mean nothing here. */
enum kernel_timer { KERNEL_TIMER_RETRANSMIT = 1, KERNEL_TIMER_PROBE = 4 };

/* One row. Ports in host order. */
struct kernel_socket {
    char local_address[33]; /* as the table writes it */
    unsigned short local_port;
    unsigned short remote_port;
    unsigned state;
    size_t receive_queue; /* bytes; of a listening socket: connections to accept */
    size_t send_queue;    /* bytes that are not acknowledged */
    unsigned timer;       /* that is running */
    unsigned probes;      /* of a closed window, not answered by a larger one */
    unsigned long inode;  /* tells sockets apart */
};

/* Calls back once for each socket of the table of this family and type until `take`
 * gives false. false: there is no such table. */
bool kernel_table_each(int family,
                       int type,
                       bool (*take)(void *context, const struct kernel_socket *row),
                       void *context);

/* The table as it is now, to look for several TCP sockets in it; NULL: there is none.
 * To be closed. */
struct kernel_table *kernel_table_open(int family, int type);
void kernel_table_close(struct kernel_table *table);
/* The socket whose own address is `local` and that is connected to `remote`. */
bool kernel_table_find(const struct kernel_table *table,
                       const struct sockaddr *local,
                       const struct sockaddr *remote,
                       struct kernel_socket *row);

/* Whether the row's local end is this address, or its port of any address. */
bool kernel_socket_is_at(const struct kernel_socket *row,
                         const struct sockaddr *address);

#endif
