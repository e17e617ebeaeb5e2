#include "probe.h"

#include "convention.h"
#include "provider.h"
#include "record.h"

#include <string.h>

static void probe_socket(const struct entry *entry, struct probe *probe)
{
    WSAPROTOCOL_INFOW info = entry->info;
    const WSPPROC_TABLE *table = &convention_table;
    int size = sizeof probe->info, error = 0;
    SOCKET s;

    convention_target = &entry->table;
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

static void probe_started(struct entry *entry, struct probe *probe)
{
    struct text wrong = TEXT_IN(probe->wrong);

    probe->startup_error =
        provider_startup(entry, MAKEWORD(2, 2), &entry->data, &entry->table);
    if (probe->startup_error || !provider_table_complete(&entry->table, &wrong))
        return;
    probe_socket(entry, probe);
    if (convention_table.lpWSPCleanup(&probe->cleanup_error) == 0)
        probe->cleanup_error = 0;
}

void probe_entry(struct entry *entry, struct probe *probe)
{
    struct text wrong = TEXT_IN(probe->wrong);

    memset(probe, 0, sizeof *probe);
    record_reset("", 0);
    probe_started(entry, probe);
    if (!*probe->wrong && !record_clean())
        text_add(&wrong, "%s", record_get().message);
}
