export const products = [
  { id: "anchor", name: "Anchor", price: 4200 },
  { id: "buoy", name: "Buoy", price: 1900 },
  { id: "rope", name: "Rope, 30 m", price: 2400 },
];
