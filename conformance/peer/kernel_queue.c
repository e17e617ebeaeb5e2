/* What the kernel holds for a socket of the provider. */
#include "kernel_table.h"
#include "peer.h"
#include "running.h"
#include "trace.h"

struct port_search {
    const struct sockaddr *address;
    size_t queued;
};

static bool add_queue(void *context, const struct kernel_socket *row)
{
    struct port_search *search = context;

    if (row->state == KERNEL_LISTEN || !kernel_socket_is_at(row, search->address))
        return true;
    search->queued += row->receive_queue;
    /* The end of the stream counts as a byte there. */
    if (row->state == KERNEL_CLOSE_WAIT && row->receive_queue)
        --search->queued;
    return true;
}

size_t kernel_receive_queue(struct spi_test *t, unsigned short port)
{
    struct sockaddr_storage address;
    struct port_search search = {.address = (const struct sockaddr *)&address};
    int length;

    worker_address(t, port, &address, &length);
    if (!kernel_table_each(
            t->entry->iAddressFamily, t->entry->iSocketType, add_queue, &search))
        blocked("the system has no table of socket queues (/proc/net)");
    trace_line("kernel holds %zu bytes for port %u", search.queued, port);
    return search.queued;
}
