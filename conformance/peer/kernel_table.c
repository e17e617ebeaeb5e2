#include "kernel_table.h"

#include "spi_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wine's way to the Unix file system. It is wineserver that opens the file, so this is
 * the table of the network namespace in which the sockets are. */
static HANDLE open_table(int family, int type)
{
    wchar_t path[64];

    swprintf(path,
             sizeof path / sizeof path[0],
             L"\\\\?\\unix\\proc\\net\\%ls%ls",
             type == SOCK_STREAM ? L"tcp" : L"udp",
             family == AF_INET6 ? L"6" : L"");
    return CreateFileW(path,
                       GENERIC_READ,
                       FILE_SHARE_READ | FILE_SHARE_WRITE,
                       NULL,
                       OPEN_EXISTING,
                       0,
                       NULL);
}

/* The whole file, which says that its size is 0; NULL: none. To be freed. */
static char *read_all(HANDLE file)
{
    size_t size = 0, capacity = 65536;
    char *content = malloc(capacity);
    DWORD got;

    while (content &&
           ReadFile(file, content + size, (DWORD)(capacity - size - 1), &got, NULL) &&
           got) {
        size += got;
        if (size + 1 < capacity)
            continue;
        capacity *= 2;
        char *grown = realloc(content, capacity);
        if (!grown)
            free(content);
        content = grown;
    }
    if (content)
        content[size] = '\0';
    return content;
}

/* It is its text. */
struct kernel_table {
    char content[1];
};

struct kernel_table *kernel_table_open(int family, int type)
{
    HANDLE file = open_table(family, type);
    char *content;

    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    content = read_all(file);
    CloseHandle(file);
    return (struct kernel_table *)content;
}

void kernel_table_close(struct kernel_table *table)
{
    free(table);
}

/* "0100007F:1F90 0200007F:0000 0A 00000000:00000001 00:00000000 ..." */
static bool parse_ends(const char *line, struct kernel_socket *row)
{
    unsigned local, remote, state;
    unsigned long sending, receiving;

    if (sscanf(line,
               " %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %x %lx:%lx %x:%*x %*s %*d %u %lu",
               row->local_address,
               &local,
               &remote,
               &state,
               &sending,
               &receiving,
               &row->timer,
               &row->probes,
               &row->inode) != 9)
        return false;
    row->local_port = (unsigned short)local;
    row->remote_port = (unsigned short)remote;
    row->state = state;
    row->send_queue = sending;
    row->receive_queue = receiving;
    return true;
}

/* Behind a number: "  0: ..." */
static bool parse(const char *line, struct kernel_socket *row)
{
    const char *colon = line + strspn(line, " 0123456789");

    return colon > line && *colon == ':' && parse_ends(colon + 1, row);
}

/* Whether a line before this one is about the same socket: the kernel writes the table
 * in pieces, and while sockets come and go it may repeat a row. */
static bool is_repeated(const char *content, const char *line, unsigned long inode)
{
    struct kernel_socket row;

    for (const char *at = content; inode && at && at < line; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (at < line && parse(at, &row) && row.inode == inode)
            return true;
    }
    return false;
}

bool kernel_table_each(int family,
                       int type,
                       bool (*take)(void *context, const struct kernel_socket *row),
                       void *context)
{
    struct kernel_table *table = kernel_table_open(family, type);
    struct kernel_socket row;
    const char *content;

    if (!table)
        return false;
    content = table->content;
    for (const char *line = content; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (parse(line, &row) && !is_repeated(content, line, row.inode) &&
            !take(context, &row))
            break;
    }
    kernel_table_close(table);
    return true;
}

/* Each 32 bit word is written as a number, in the byte order of the machine. */
static void write_address(const struct sockaddr *address, char *text, size_t size)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    DWORD words[4];

    if (address->sa_family == AF_INET) {
        snprintf(text, size, "%08lX", v4->sin_addr.s_addr);
        return;
    }
    memcpy(words, &v6->sin6_addr, sizeof words);
    snprintf(
        text, size, "%08lX%08lX%08lX%08lX", words[0], words[1], words[2], words[3]);
}

bool kernel_socket_is_at(const struct kernel_socket *row,
                         const struct sockaddr *address)
{
    char text[33];

    write_address(address, text, sizeof text);
    return row->local_port == port_of(address) &&
           (!strcmp(row->local_address, text) ||
            strspn(row->local_address, "0") == strlen(row->local_address));
}

/* Without the cost of reading all rows. */
bool kernel_table_find(const struct kernel_table *table,
                       const struct sockaddr *local,
                       const struct sockaddr *remote,
                       struct kernel_socket *row)
{
    char from[33], to[33], ends[80];
    const char *line;

    write_address(local, from, sizeof from);
    write_address(remote, to, sizeof to);
    snprintf(ends,
             sizeof ends,
             " %s:%04X %s:%04X ",
             from,
             port_of(local),
             to,
             port_of(remote));
    line = strstr(table->content, ends);
    return line && parse_ends(line, row);
}
