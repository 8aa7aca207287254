// The module that the server makes (`pages::descriptions`): what each field means, by type and field.

export const DESCRIPTIONS: { [type: string]: { [field: string]: string } };
