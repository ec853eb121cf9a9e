// Generated from openapi.yaml by `node scripts/synkronus-client.ts`; changes made here are lost.
export interface paths {
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server is well */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/version": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/versions": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getAPIVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/create": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{username}": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                username: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/reset-password": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["resetUserPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/change-password": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/pull": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-ode-client-id"?: components["parameters"]["ClientId"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["syncPull"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/push": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-ode-client-id"?: components["parameters"]["ClientId"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["syncPush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/repository/reset": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["adminRepositoryReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attachments/manifest": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["getAttachmentManifest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attachments/export-zip": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getAttachmentsExportZip"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attachments/{attachment_id}": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                attachment_id: string;
            };
            cookie?: never;
        };
        get: operations["downloadAttachment"];
        put: operations["uploadAttachment"];
        post?: never;
        delete?: never;
        options?: never;
        head: operations["checkAttachmentExists"];
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/manifest": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getAppBundleManifest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/versions": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getAppBundleVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/changes": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getAppBundleChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/download/{path}": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                path: string;
            };
            cookie?: never;
        };
        get: operations["downloadAppBundleFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/download-zip": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["downloadAppBundleZip"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/push": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pushAppBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/app-bundle/switch/{version}": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                version: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["switchAppBundleVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dataexport/parquet": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getParquetExportZip"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dataexport/raw-json": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getRawJsonExportZip"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/stats/observations": {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        get: operations["getObservationStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        Role: "read-only" | "read-write" | "admin";
        ErrorResponse: {
            error?: string;
            message?: string;
            /** @description Stable, such as repository_reset_required */
            code?: string;
        };
        SystemVersionInfo: {
            server?: {
                version?: string;
            };
            database?: {
                type?: string;
                version?: string;
                database_name?: string;
            };
            system?: {
                os?: string;
                architecture?: string;
                cpus?: number;
            };
            build?: {
                commit?: string;
                build_time?: string;
                go_version?: string;
            };
        };
        APIVersionsResponse: {
            versions: {
                version: string;
                /** Format: date */
                releaseDate: string;
                deprecated: boolean;
            }[];
            current: string;
        };
        UserResponse: {
            username: string;
            role: components["schemas"]["Role"];
            /** Format: date-time */
            createdAt: string;
        };
        UserListItem: {
            /** Format: uuid */
            id: string;
            username: string;
            role: components["schemas"]["Role"];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            presence?: {
                /** Format: date-time */
                lastSeenAt?: string;
                clientCount?: number;
                clients?: {
                    clientId: string;
                    /** Format: date-time */
                    lastSeenAt: string;
                    /** Format: int64 */
                    lastDataVersion?: number;
                    appBundleVersion?: string;
                    lastOdeVersion?: string;
                }[];
            };
        };
        SyncPullRequest: {
            client_id: string;
            /** Format: int64 */
            repository_generation?: number;
            since?: {
                version?: number;
                id?: string;
            };
            schema_types?: string[];
        };
        SyncPullResponse: {
            current_version: number;
            /** Format: int64 */
            repository_generation: number;
            records: components["schemas"]["Observation"][];
            change_cutoff: number;
            has_more?: boolean;
            sync_format_version?: string;
        };
        SyncPushRequest: {
            /** Format: uuid */
            transmission_id: string;
            client_id: string;
            /** Format: int64 */
            repository_generation?: number;
            records: components["schemas"]["Observation"][];
        };
        SyncPushResponse: {
            current_version: number;
            /** Format: int64 */
            repository_generation: number;
            success_count: number;
            failed_records?: Record<string, unknown>[];
            warnings?: {
                id: string;
                code: string;
                message: string;
            }[];
        };
        Observation: {
            observation_id: string;
            form_type: string;
            form_version: string;
            data: Record<string, unknown>;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            synced_at?: string | null;
            deleted: boolean;
            geolocation?: {
                /** Format: double */
                latitude?: number;
                /** Format: double */
                longitude?: number;
                /** Format: double */
                accuracy?: number;
                /** Format: double */
                altitude?: number | null;
                /** Format: double */
                altitude_accuracy?: number | null;
                /** Format: date-time */
                timestamp?: string;
            } | null;
            author?: string | null;
            device_id?: string | null;
            tags?: string[] | null;
        };
        AttachmentManifestResponse: {
            current_version: number;
            /** Format: int64 */
            repository_generation: number;
            operations: {
                /** @enum {string} */
                operation: "download" | "delete";
                attachment_id: string;
                /** Format: uri */
                download_url?: string;
                size?: number;
                content_type?: string;
                version?: number;
            }[];
            total_download_size?: number;
            operation_count?: {
                download?: number;
                delete?: number;
            };
        };
        AppBundleManifest: {
            files: {
                path: string;
                size: number;
                hash: string;
                mimeType: string;
                /** Format: date-time */
                modTime: string;
            }[];
            version: string;
            /** Format: date-time */
            generatedAt: string;
            hash: string;
        };
        FieldChange: {
            field?: string;
            type?: string;
        };
        FormName: {
            form?: string;
        };
        ChangeLog: {
            compare_version_a: string;
            compare_version_b: string;
            form_changes: boolean;
            ui_changes: boolean;
            new_forms?: components["schemas"]["FormName"][];
            removed_forms?: components["schemas"]["FormName"][];
            modified_forms?: {
                form?: string;
                schema_changed?: boolean;
                ui_changed?: boolean;
                core_changed?: boolean;
                added_fields?: components["schemas"]["FieldChange"][];
                removed_fields?: components["schemas"]["FieldChange"][];
            }[];
        };
        ObservationStatsResponse: {
            /** Format: int64 */
            totalCount: number;
            byFormType: {
                formType: string;
                /** Format: int64 */
                count: number;
            }[];
            timeline: {
                /** @enum {string} */
                bucketUnit: "day" | "week";
                rangeStart: string;
                rangeEnd: string;
                buckets: {
                    bucketStart: string;
                    label: string;
                    /** Format: int64 */
                    count: number;
                }[];
            };
            /** Format: date-time */
            computedAt: string;
        };
    };
    responses: {
        /** @description Logged in */
        Tokens: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    token: string;
                    refreshToken: string;
                    /**
                     * Format: int64
                     * @description Unix seconds
                     */
                    expiresAt: number;
                };
            };
        };
        /** @description Done */
        Message: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    message?: string;
                };
            };
        };
        /** @description Not done */
        Error: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The repository was reset since */
        OtherGeneration: {
            headers: {
                "x-repository-generation": components["headers"]["Generation"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description Not logged in */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "text/plain": string;
            };
        };
        /** @description Another role is needed */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "text/plain": string;
            };
        };
        /** @description An archive */
        Zip: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/zip": Blob;
            };
        };
        /** @description A file */
        Bytes: {
            headers: {
                etag?: string;
                [name: string]: unknown;
            };
            content: {
                "application/octet-stream": Blob;
            };
        };
    };
    parameters: {
        /** @description Of the client; its major number must be the server's */
        OdeVersion: string;
        ClientId: string;
        Generation: number;
        /** @description The file as it was before the server reduced it, if there is one */
        Original: string;
    };
    requestBodies: never;
    headers: {
        Generation: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status?: "ok";
                        /** Format: date-time */
                        timestamp?: string;
                        version?: string;
                    };
                };
            };
            /** @description It is not */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status?: "error";
                        error?: string;
                        /** Format: date-time */
                        timestamp?: string;
                    };
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the server is and runs on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemVersionInfo"];
                };
            };
            401: components["responses"]["Unauthorized"];
        };
    };
    getAPIVersions: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Versions of the wire */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["APIVersionsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
        };
    };
    login: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    username: string;
                    /** Format: password */
                    password: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Tokens"];
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
        };
    };
    refreshToken: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    refreshToken: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Tokens"];
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
        };
    };
    listUsers: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-ode-client-id"?: components["parameters"]["ClientId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All users */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserListItem"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    username: string;
                    /** Format: password */
                    password: string;
                    role: components["schemas"]["Role"];
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Error"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Message"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["Error"];
        };
    };
    resetUserPassword: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    username: string;
                    /** Format: password */
                    newPassword: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Message"];
            400: components["responses"]["Error"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["Error"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: password */
                    currentPassword: string;
                    /** Format: password */
                    newPassword: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Message"];
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
        };
    };
    syncPull: {
        parameters: {
            query?: {
                schemaType?: string;
                limit?: number;
            };
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-ode-client-id"?: components["parameters"]["ClientId"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SyncPullRequest"];
            };
        };
        responses: {
            /** @description A page; the next begins at its change_cutoff while has_more is true */
            200: {
                headers: {
                    "x-repository-generation": components["headers"]["Generation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncPullResponse"];
                };
            };
            400: components["responses"]["Error"];
            409: components["responses"]["OtherGeneration"];
        };
    };
    syncPush: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-ode-client-id"?: components["parameters"]["ClientId"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SyncPushRequest"];
            };
        };
        responses: {
            /** @description What became of the records */
            200: {
                headers: {
                    "x-repository-generation": components["headers"]["Generation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncPushResponse"];
                };
            };
            400: components["responses"]["Error"];
            409: components["responses"]["OtherGeneration"];
        };
    };
    adminRepositoryReset: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    confirm: "RESET_REPOSITORY";
                };
            };
        };
        responses: {
            /** @description Observations and attachments are gone, the generation is a new one */
            200: {
                headers: {
                    "x-repository-generation": components["headers"]["Generation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: int64 */
                        repository_generation: number;
                        message: string;
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
        };
    };
    getAttachmentManifest: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    client_id: string;
                    since_version: number;
                    /** Format: int64 */
                    repository_generation?: number;
                };
            };
        };
        responses: {
            /** @description What to fetch and what to forget */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttachmentManifestResponse"];
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Unauthorized"];
            409: components["responses"]["OtherGeneration"];
        };
    };
    getAttachmentsExportZip: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Zip"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            503: components["responses"]["Error"];
        };
    };
    downloadAttachment: {
        parameters: {
            query?: {
                /** @description The file as it was before the server reduced it, if there is one */
                original?: components["parameters"]["Original"];
            };
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                attachment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Bytes"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["Error"];
        };
    };
    uploadAttachment: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-repository-generation"?: components["parameters"]["Generation"];
            };
            path: {
                attachment_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: Blob;
                };
            };
        };
        responses: {
            /** @description Kept */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status?: string;
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Unauthorized"];
            409: components["responses"]["Error"];
        };
    };
    checkAttachmentExists: {
        parameters: {
            query?: {
                /** @description The file as it was before the server reduced it, if there is one */
                original?: components["parameters"]["Original"];
            };
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                attachment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not logged in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is not */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getAppBundleManifest: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "x-ode-client-id"?: components["parameters"]["ClientId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The files of the active version */
            200: {
                headers: {
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppBundleManifest"];
                };
            };
        };
    };
    getAppBundleVersions: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first; the active one ends in " *" */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        versions: string[];
                    };
                };
            };
        };
    };
    getAppBundleChanges: {
        parameters: {
            query?: {
                current?: string;
                target?: string;
            };
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What lies between two versions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeLog"];
                };
            };
            400: components["responses"]["Error"];
            404: components["responses"]["Error"];
        };
    };
    downloadAppBundleFile: {
        parameters: {
            query?: {
                preview?: boolean;
            };
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
                "if-none-match"?: string;
            };
            path: {
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Bytes"];
            /** @description Not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    downloadAppBundleZip: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Zip"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["Error"];
        };
    };
    pushAppBundle: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    bundle?: Blob;
                };
            };
        };
        responses: {
            /** @description Kept as a new version, which is not active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        manifest: components["schemas"]["AppBundleManifest"];
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["Error"];
        };
    };
    switchAppBundleVersion: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Message"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["Error"];
        };
    };
    getParquetExportZip: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Zip"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
        };
    };
    getRawJsonExportZip: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Zip"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
        };
    };
    getObservationStats: {
        parameters: {
            query?: never;
            header: {
                /** @description Of the client; its major number must be the server's */
                "x-ode-version": components["parameters"]["OdeVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Figures for a chart */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ObservationStatsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
        };
    };
}
