//! Reads tabular inputs.

use super::reader::{DocumentReader, FigureKind};
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::CELL_LENGTH;
use crate::document::model::{
    CellRules, ColumnKind, NumberSeparators, TableCell, TableColumn, TableRow, TabularInput,
};
use crate::json::{LocatedNode, LocatedObject, NodeLocation};
use std::collections::{HashMap, HashSet};

const MOST_COLUMNS: usize = 50;
const MOST_ROWS: usize = 200;

/// What cells are compared with.
struct TabularGrid {
    columns: HashMap<ElementKey, Option<ColumnKind>>,
    rows: HashSet<ElementKey>,
    seen: HashSet<(ElementKey, ElementKey)>,
    separators: NumberSeparators,
}

impl<'n> DocumentReader<'n, '_> {
    /// A table and the lists of rules in it.
    pub fn tabular(&mut self, object: &LocatedObject<'n>) -> (TabularInput, Vec<NodeLocation<'n>>) {
        let separators = self.separators(object);
        let normalisation = self.normalisation(object);
        let mut grid = TabularGrid {
            columns: HashMap::new(),
            rows: HashSet::new(),
            seen: HashSet::new(),
            separators,
        };
        let column_spots = self.required_list(object, "columns", MOST_COLUMNS);
        let row_spots = self.required_list(object, "rows", MOST_ROWS);
        let is_empty = |list: &Option<(LocatedNode<'n>, Vec<LocatedNode<'n>>)>| {
            list.as_ref().is_some_and(|(_, items)| items.is_empty())
        };
        if is_empty(&column_spots) || is_empty(&row_spots) {
            self.fault(DocumentFaultCode::TabularEmpty, &object.place);
        }
        let columns = self.columns(column_spots, &mut grid);
        let rows = self.rows(row_spots, &mut grid);
        let mut rules = Vec::new();
        let mut cells = Vec::new();
        for spot in self.list(object, "cells", MOST_COLUMNS * MOST_ROWS) {
            let Some(cell) = self.object(&spot, &[&["row", "column", "rules", "otherwise"]]) else {
                continue;
            };
            rules.extend(self.rule_lists(&cell));
            cells.extend(self.cell(&cell, &mut grid));
        }
        (TabularInput { columns, rows, cells, normalisation, separators }, rules)
    }

    fn columns(
        &mut self,
        list: Option<(LocatedNode<'n>, Vec<LocatedNode<'n>>)>,
        grid: &mut TabularGrid,
    ) -> Vec<TableColumn> {
        let mut columns = Vec::new();
        let mut seen = HashSet::new();
        for spot in list.map_or_else(Vec::new, |(_, items)| items) {
            let Some(column) = self.object(&spot, &[&["key", "title", "type"]]) else { continue };
            let key = self.part_key(&column, &mut seen);
            let title = self.title(&column, "title");
            let kind = self.required(&column, "type").and_then(|kind| self.word_at(&kind));
            if let Some(key) = key {
                grid.columns.insert(key.clone(), kind);
                columns.extend(kind.map(|kind| TableColumn { key, title, kind }));
            }
        }
        columns
    }

    fn rows(
        &mut self,
        list: Option<(LocatedNode<'n>, Vec<LocatedNode<'n>>)>,
        grid: &mut TabularGrid,
    ) -> Vec<TableRow> {
        let mut rows = Vec::new();
        for spot in list.map_or_else(Vec::new, |(_, items)| items) {
            let Some(row) = self.object(&spot, &[&["key", "title"]]) else { continue };
            let key = self.part_key(&row, &mut grid.rows);
            let title = self.title(&row, "title");
            rows.extend(key.map(|key| TableRow { key, title }));
        }
        rows
    }

    fn cell(&mut self, cell: &LocatedObject<'n>, grid: &mut TabularGrid) -> Option<TableCell> {
        let mut name = |field| self.required(cell, field).and_then(|spot| self.string(&spot));
        let (row, column) = (name("row"), name("column"));
        let otherwise = self.figure(cell, "otherwise", FigureKind::Percentage).unwrap_or_default();
        let (row, column) = (row?, column?);
        let (Some(row), Some((column, kind))) =
            (grid.rows.get(row), grid.columns.get_key_value(column))
        else {
            self.fault(DocumentFaultCode::TabularCellUnknown, &cell.place);
            return None;
        };
        if !grid.seen.insert((row.clone(), column.clone())) {
            self.fault(DocumentFaultCode::TabularCellDuplicate, &cell.place);
        }
        let rules = match (*kind)? {
            ColumnKind::Field => {
                let rules = self.text_rules(cell);
                self.weigh_rules(cell, CELL_LENGTH, &rules);
                CellRules::Field(rules)
            }
            ColumnKind::Numeric => CellRules::Numeric(self.numeric_rules(cell, grid.separators)),
        };
        Some(TableCell { row: row.clone(), column: column.clone(), rules, otherwise })
    }
}
