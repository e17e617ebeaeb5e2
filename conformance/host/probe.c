#include "probe.h"

#include "provider.h"

#include <string.h>

static void probe_socket(const struct entry *entry, struct probe *probe)
{
    WSAPROTOCOL_INFOW info = entry->info;
    const WSPPROC_TABLE *table = &entry->table;
    int size = sizeof probe->info, error = 0;
    SOCKET s;

    s = table->lpWSPSocket(info.iAddressFamily,
                           info.iSocketType,
                           info.iProtocol,
                           &info,
                           0,
                           WSA_FLAG_OVERLAPPED,
                           &probe->socket_error);
    if (s == INVALID_SOCKET)
        return;
    probe->has_socket = true;
    probe->handles = socket_handle_model(s);
    probe->told =
        table->lpWSPGetSockOpt(
            s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&probe->info, &size, &error) ==
            0 &&
        size == sizeof probe->info;
    /* The owner of a handle of the system never says that it has closed it, and the
     * next entry's may have the same value. */
    socket_handle_disown(s);
    table->lpWSPCloseSocket(s, &error);
}

void probe_entry(struct entry *entry, struct probe *probe)
{
    struct text missing = TEXT_IN(probe->missing);

    memset(probe, 0, sizeof *probe);
    probe->startup_error =
        provider_startup(entry, MAKEWORD(2, 2), &entry->data, &entry->table);
    if (probe->startup_error || !provider_table_complete(&entry->table, &missing))
        return;
    probe_socket(entry, probe);
    if (entry->table.lpWSPCleanup(&probe->cleanup_error) == 0)
        probe->cleanup_error = 0;
}
