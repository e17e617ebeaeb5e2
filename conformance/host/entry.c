#include "entry.h"

#include <stdlib.h>
#include <string.h>

/* The numeric keys and where they go. */
static int *number_field(WSAPROTOCOL_INFOW *info, const char *key)
{
    const struct {
        const char *key;
        int *field;
    } fields[] = {
        {"af", &info->iAddressFamily},
        {"type", &info->iSocketType},
        {"protocol", &info->iProtocol},
        {"flags", (int *)&info->dwServiceFlags1},
        {"message_size", (int *)&info->dwMessageSize},
        {"min_addr", &info->iMinSockAddr},
        {"max_addr", &info->iMaxSockAddr},
        {"catalog_id", (int *)&info->dwCatalogEntryId},
        {"max_offset", &info->iProtocolMaxOffset},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; ++i)
        if (!strcmp(fields[i].key, key))
            return fields[i].field;
    return NULL;
}

bool entry_parse_guid(const char *text, GUID *guid)
{
    unsigned char bytes[16];
    size_t count = 0;

    if (*text != '{')
        return false;
    for (++text; *text && *text != '}' && count < 16; ++text) {
        char digits[3] = {text[0], text[1], '\0'};
        char *end;

        if (*text == '-')
            continue;
        bytes[count++] = (unsigned char)strtoul(digits, &end, 16);
        if (end != digits + 2)
            return false;
        ++text;
    }
    if (count < 16 || strcmp(text, "}"))
        return false;
    guid->Data1 = (unsigned long)bytes[0] << 24 | (unsigned long)bytes[1] << 16 |
                  (unsigned long)bytes[2] << 8 | bytes[3];
    guid->Data2 = (unsigned short)(bytes[4] << 8 | bytes[5]);
    guid->Data3 = (unsigned short)(bytes[6] << 8 | bytes[7]);
    memcpy(guid->Data4, bytes + 8, 8);
    return true;
}

static bool set_field(struct entry *entry, const char *key, const char *value)
{
    int *number = number_field(&entry->info, key);
    char *end;

    if (number) {
        *number = (int)strtoul(value, &end, 0);
        return *value && !*end;
    }
    if (!strcmp(key, "guid"))
        return entry_parse_guid(value, &entry->info.ProviderId);
    if (strcmp(key, "id") || !*value || strlen(value) >= sizeof entry->id)
        return false;
    strcpy(entry->id, value);
    return true;
}

/* The name is the last key, so that it may hold commas. */
static bool set_name(struct entry *entry, const char *name)
{
    return MultiByteToWideChar(
               CP_UTF8, 0, name, -1, entry->info.szProtocol, WSAPROTOCOL_LEN + 1) != 0;
}

bool entry_parse(struct entry *entry, const char *spec, struct text *why)
{
    memset(entry, 0, sizeof *entry);
    entry->info.iVersion = 2;
    entry->info.ProtocolChain.ChainLen = 1;
    while (*spec) {
        char field[128] = "";
        size_t length = strcspn(spec, ",");
        char *value;

        if (!strncmp(spec, "name=", 5)) {
            if (set_name(entry, spec + 5))
                break;
            text_add(why, "--entry: the name is too long");
            return false;
        }
        if (length < sizeof field)
            memcpy(field, spec, length);
        value = strchr(field, '=');
        if (value)
            *value++ = '\0';
        if (!value || !set_field(entry, field, value)) {
            text_add(why, "--entry: cannot read `%.*s`", (int)length, spec);
            return false;
        }
        spec += length + (spec[length] == ',');
    }
    if (!*entry->id)
        text_add(why, "--entry: it has no id");
    return *entry->id;
}
